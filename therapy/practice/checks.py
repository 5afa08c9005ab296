"""System checks of practice: a wrong file of conditions or a domain pack that is not there is told at start."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.core.checks import CheckMessage, Error, register

from therapy.core import domain
from therapy.practice import conditions


@register
def check_practice(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Conditions and the domain pack can be read."""
    found: list[CheckMessage] = []
    try:
        conditions.conditions()
    except conditions.ConditionsError as error:
        found.append(Error(str(error), id="practice.E001"))
    try:
        domain.current()
    except domain.DomainError as error:
        found.append(Error(str(error), id="practice.E002"))
    return found
