"""Nothing that one test decided may be remembered in the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from therapy.library import selectors


@pytest.fixture(autouse=True)
def _look_again() -> Iterator[None]:
    selectors.forget()
    yield
    selectors.forget()
