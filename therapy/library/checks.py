"""System check of the library: an edited file that is not valid is told at start, with every fault."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.core.checks import CheckMessage, Error, register

from ml.planning.library import LibraryError
from therapy.library import selectors


@register
def check_library(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The library can be loaded."""
    try:
        selectors.shipped()
    except LibraryError as error:
        return [Error(str(error), id="library.E001")]
    return []
