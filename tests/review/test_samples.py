"""The blind sample: what is drawn, what is hidden, what a miss becomes, and how sure the rate is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Access, User
from accounts.selectors import accesses_to
from ml.types import RiskLevel
from tests.review.test_transcript import QUEUE
from tests.safety.conftest import CANARY, Raise, write
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError
from therapy.review import samples
from therapy.review.models import Sample
from therapy.safety.models import Alert, RiskFlag

Browser = Callable[[User | None], Client]


def talked(person: User, words: str = CANARY) -> ChatSession:
    session = ChatSession.objects.create(person=person, language="en")
    write(session, words)
    write(session, words)
    return session


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)]
)
def test_wilson_as_in_the_tables(hits: int, of: int, low: float, high: float) -> None:
    share = samples.wilson(hits, of)
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    assert samples.wilson(0, 0).share is None


def test_a_planted_miss_shows_in_the_rate_and_raises_an_alert(alice: User, carol: User) -> None:
    session = talked(alice)
    assert samples.draw(user=carol, count=1, seed=1) == 1
    taken = samples.take_next(user=carol)
    assert taken is not None
    samples.decide(user=carol, sample_id=taken[0].pk, level_given=3)
    flag = RiskFlag.objects.get()
    assert (flag.session, flag.level, flag.detector) == (session, 3, "counsellor")
    assert Alert.objects.get().level == 3
    rate = samples.miss_rate(timezone.now() - timedelta(days=1), timezone.now() + timedelta(minutes=1))
    assert (rate.hits, rate.of) == (1, 1)


def test_no_conversation_is_drawn_twice_and_old_ones_never(alice: User, carol: User) -> None:
    talked(alice)
    old = talked(alice)
    ChatSession.objects.filter(pk=old.pk).update(last_message_at=timezone.now() - timedelta(days=40))
    assert samples.draw(user=carol, count=5, seed=1) == 1
    assert samples.draw(user=carol, count=5, seed=1) == 0


def test_flagged_ones_are_mixed_in_and_do_not_count(raise_risk: Raise, alice: User, carol: User) -> None:
    raise_risk(RiskLevel.HIGH)
    raise_risk(RiskLevel.HIGH)
    for _ in range(3):
        talked(alice)
    seed = next(seed for seed in range(50) if _controls(seed) == 1)
    samples.draw(user=carol, count=4, seed=seed)
    assert Sample.objects.filter(is_control=True).count() == 1
    control = Sample.objects.get(is_control=True)
    Sample.objects.filter(pk=control.pk).update(reviewer=carol)
    samples.decide(user=carol, sample_id=control.pk, level_given=4)
    until = timezone.now() + timedelta(minutes=1)
    assert samples.miss_rate(until - timedelta(days=1), until).of == 0
    assert samples.caught_controls(until - timedelta(days=1), until).hits == 1
    assert RiskFlag.objects.count() == 2


def _controls(seed: int) -> int:
    import random

    chance = random.Random(seed)
    return sum(chance.randrange(samples.CONTROL_EVERY) == 0 for _ in range(4))


def test_the_page_is_blind_and_the_reading_is_listed(desk: Client, alice: User, carol: User) -> None:
    session = talked(alice)
    samples.draw(user=carol, count=1, seed=1)
    assert CANARY not in desk.get(f"{QUEUE}sample/").content.decode()
    desk.post(f"{QUEUE}sample/next/")
    page = desk.get(f"{QUEUE}sample/").content.decode()
    assert CANARY in page
    assert "desk-strip" not in page
    assert alice.username not in page
    (seen,) = accesses_to(alice.pk)
    assert seen.reason == samples.REASON
    write(session, "written after it was drawn")
    assert "written after" not in desk.get(f"{QUEUE}sample/").content.decode()
    desk.post(f"{QUEUE}sample/", {"level_given": "0"})
    assert Sample.objects.get().level_given == 0
    assert not RiskFlag.objects.exists()


def test_whoever_knows_the_person_is_not_blind(alice: User, carol: User, dan: User) -> None:
    session = talked(alice)
    samples.draw(user=dan, count=1, seed=1)
    from accounts.services import log_access

    log_access(actor=carol, person_id=alice.pk, what=Access.What.TRANSCRIPT, object_id=session.pk, reason="earlier")
    assert samples.take_next(user=carol) is None
    assert samples.take_next(user=dan) is not None


def test_only_ones_own_sample_can_be_decided(alice: User, carol: User, dan: User) -> None:
    talked(alice)
    samples.draw(user=carol, count=1, seed=1)
    taken = samples.take_next(user=carol)
    assert taken is not None
    with pytest.raises(ApplicationError, match="not_found"):
        samples.decide(user=dan, sample_id=taken[0].pk, level_given=0)
    with pytest.raises(ApplicationError, match="forbidden"):
        samples.draw(user=alice)
