"""Signed-in browsers of each persona, and flagged sessions of Alice's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.safety.conftest import CANARY, Raise, assessed, queued, raise_risk, session, write

__all__ = ["CANARY", "Raise", "assessed", "queued", "raise_risk", "session", "write"]


@pytest.fixture
def browser() -> Callable[[User | None], Client]:
    """A browser of somebody; None is Eve."""

    def open_for(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return open_for


@pytest.fixture
def desk(browser: Callable[[User | None], Client], carol: User) -> Client:
    """Carol's browser."""
    return browser(carol)


@pytest.fixture
def oscar(make_person: Callable[..., User]) -> User:
    """An operator."""
    return make_person("oscar", role="operator")
