"""Personas and the few things that every test may need. Everything else stands beside the tests that use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from accounts.models import User

# How long one example takes says nothing on a shared machine.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")


@pytest.fixture(scope="session", autouse=True)
def _translations() -> None:
    """A fresh checkout has no compiled catalogues, and Django keeps what it found when it first looked."""
    from django.core.management import call_command

    call_command("compile_translations", verbosity=0)


@pytest.fixture
def make_person(db: None) -> Callable[..., User]:
    """A client who stated their age, saw the disclosure and consented; or staff, certified where they counsel."""
    from accounts import services
    from accounts.demo import certify
    from accounts.models import Consent, Role, User

    def make(username: str, *, role: str = Role.CLIENT, ready: bool = True, **profile: str) -> User:
        is_staff = role != Role.CLIENT
        user = User.objects.create_user(username, password="correct horse battery", role=role, is_staff=is_staff)
        if ready and user.is_counselling_staff:
            certify(user)
        if ready and not is_staff:
            services.state_age_and_disclosure(person_id=user.pk)
            for purpose in (Consent.Purpose.SERVICE, Consent.Purpose.HEALTH_DATA, Consent.Purpose.EMOTION_READING):
                services.decide_consent(person_id=user.pk, purpose=purpose, granted=True)
            services.update_profile(person_id=user.pk, onboarded=True, **profile)
        return user

    return make


@pytest.fixture
def alice(make_person: Callable[..., User]) -> User:
    """A client."""
    return make_person("alice")


@pytest.fixture
def bob(make_person: Callable[..., User]) -> User:
    """Another client, who must see nothing of Alice's."""
    return make_person("bob")


@pytest.fixture
def carol(make_person: Callable[..., User]) -> User:
    """A counsellor."""
    return make_person("carol", role="counsellor")


@pytest.fixture
def dan(make_person: Callable[..., User]) -> User:
    """Another counsellor."""
    return make_person("dan", role="counsellor")


@pytest.fixture
def grace(make_person: Callable[..., User]) -> User:
    """A supervisor."""
    return make_person("grace", role="supervisor")


@pytest.fixture(autouse=True)
def _forget_opened_keys() -> Iterator[None]:
    """Opened data keys must not outlive the test that made them."""
    yield
    from accounts import keys

    keys.forget_cached()


@pytest.fixture(autouse=True)
def _forget_language_and_clock() -> Iterator[None]:
    """A request leaves its language and time zone behind; they must not outlive the test."""
    yield
    from django.utils import timezone, translation

    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def _day_of_the_hotline_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crisis lines are hidden a year after their table was made; tests about that name the day themselves."""
    from therapy.safety import hotlines

    day = datetime.combine(hotlines.table_date(), time(12), UTC)
    monkeypatch.setattr(hotlines, "timezone", SimpleNamespace(now=lambda: day))
