"""The state: one's own word, the worked example, the gentle question."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from therapy.core.errors import ApplicationError
from therapy.core.today import cards_of
from therapy.signals import example, selectors, services

pytestmark = pytest.mark.django_db


def test_without_anything_nothing_is_claimed(alice):
    state = selectors.current_state(alice.pk)
    assert (state.known, state.words, state.offers) == (False, (), ())
    assert state.a.sd == 1.0


def test_ones_own_word_needs_its_switch(alice):
    with pytest.raises(ApplicationError):
        services.report_self(person_id=alice.pk, e=0.1)


def test_ones_own_word_moves_the_state_and_fades(open_alice):
    state = services.report_self(person_id=open_alice.pk, a=-0.6, e=-0.7)
    assert state.e.value < -0.4
    assert {"tense"} <= set(state.words)
    later = selectors.current_state(open_alice.pk, at=timezone.now() + timedelta(hours=6))
    assert abs(later.e.value) < abs(state.e.value)
    assert later.e.sd > state.e.sd


def test_the_ideal_is_the_persons_own(open_alice):
    services.report_self(person_id=open_alice.pk, a=0.2, e=0.2, r=0.2)
    near = services.set_ideal(person_id=open_alice.pk, a=0.2, e=0.2, r=0.2)
    far = services.set_ideal(person_id=open_alice.pk, a=1.0, e=1.0, r=1.0, weighs={"mail": 1.0, "nonsense": 1.0})
    assert near.distance < 0.1 < far.distance
    assert selectors.kept_of(open_alice.pk).weighs == {"mail": 1.0}


def test_the_worked_example_runs_as_the_article_tells_it():
    ordinary, held, after = (state for _title, state in example.moments())
    assert "tense" not in ordinary.words
    assert held.words[:2] == ("tense", "attention narrowed")
    told = " ".join(one.text for one in held.mattered)
    for said in ("heart faster than usual", "fewer clicks than usual", "held the focus"):
        assert said in told
    assert any(one.text.startswith(("mail", "documents")) for one in held.mattered)
    assert [offer.key for offer in held.offers] == ["breathing", "walk", "talk"]
    assert after.distance < held.distance
    assert "tense" not in after.words


def test_the_worked_example_speaks_chinese():
    with translation.override("zh-hans"):
        held = [state for _title, state in example.moments()][1]
    assert held.words[:2] == ("紧张", "注意力变窄")


def test_the_example_is_for_staff_and_called_simulated(client, alice, carol, settings):
    client.force_login(alice)
    assert client.get(reverse("signals:example")).status_code == 404
    settings.DEBUG = True
    assert "Simulated data" in client.get(reverse("signals:example")).content.decode()


def week(person, *, more: float = 0.0, days: int = 7):
    now = timezone.now()
    rows = []
    for hour in range(24 * days):
        at = now - timedelta(hours=24 * days - hour)
        rate = 66 + hour % 4 + (more if now - at <= timedelta(days=1) else 0.0)
        rows += [
            {"kind": "heart_rate", "at": (at + timedelta(seconds=20 * step)).isoformat(), "value": rate + step}
            for step in range(3)
        ]
    services.ingest(person_id=person.pk, rows=rows[:1000], source="test", kinds=frozenset({"heart_rate"}))


def test_a_faster_heart_is_a_gentle_question_and_nothing_more(open_alice, client):
    week(open_alice, more=20)
    assert selectors.faster_heart(open_alice.pk) == pytest.approx(20, abs=2)
    assert [card.key for card in cards_of(open_alice.pk) if card.key == "signals"] == ["signals"]
    client.force_login(open_alice)
    assert "a little faster than usual" in client.get(reverse("signals:home")).content.decode()


def test_an_ordinary_week_asks_nothing(open_alice):
    week(open_alice)
    assert selectors.faster_heart(open_alice.pk) is None
