"""Filters for the readable export: what kind a value is, and a key as words."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def kind(value: object) -> str:
    """`mapping`, `list` or `value`."""
    if isinstance(value, Mapping):
        return "mapping"
    return "list" if isinstance(value, list | tuple) else "value"


@register.filter
def readable(key: object) -> str:
    """`created_at` as "created at"."""
    return str(key).replace("_", " ")
