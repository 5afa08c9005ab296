"""Filters for the readable export: what kind a value is, and keys and values as words."""

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext as _

from accounts.export_words import KEYS

register = template.Library()


@register.filter
def kind(value: object) -> str:
    """`mapping`, `list` or `value`."""
    if isinstance(value, Mapping):
        return "mapping"
    return "list" if isinstance(value, list | tuple) else "value"


@register.filter
def readable(key: object) -> str:
    """`created_at` as "created at", in the language of the page where we have a word for it."""
    name = str(key)
    return str(KEYS[name]) if name in KEYS else name.replace("_", " ")


@register.filter
def spoken(value: object) -> object:
    """Yes and no as words, nothing as a dash."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value in (None, "") else value
