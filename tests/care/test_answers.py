"""Item 9 and its like: any answer above "not at all" is followed up at once, whatever the total says."""

from __future__ import annotations

import pytest

from accounts.models import User
from ml.types import RiskLevel
from tests.care.conftest import Say
from therapy.care import answers
from therapy.chat.models import ChatSession, Message
from therapy.chat.selectors import messages_since, recent_turns
from therapy.safety import cards, selectors
from therapy.safety.models import Alert, RiskFlag


@pytest.mark.parametrize(("instrument", "item"), [("phq9", 9), ("phqa", 9), ("epds", 10)])
@pytest.mark.parametrize("value", [1, 2, 3])
def test_the_item_raises_and_asks_directly(
    alice: User, session: ChatSession, instrument: str, item: int, value: int
) -> None:
    screened = answers.note_answer(person_id=alice.pk, instrument=instrument, item=item, value=value)
    assert screened
    assert screened.level >= RiskLevel.MODERATE
    assert selectors.effective_level(alice.pk) >= RiskLevel.MODERATE
    question = messages_since(session, 0)[-1]
    assert question.role == Message.Role.ASSISTANT
    assert "are you thinking of ending your life" in question.text
    assert cards.card_for_session(session.pk, language="en", country="GB")
    assert recent_turns(session)[-1].text == question.text, "the next message is read as its answer"


@pytest.mark.parametrize(("instrument", "item", "value"), [("phq9", 9, 0), ("phq9", 1, 3), ("gad7", 7, 3)])
def test_other_answers_ask_for_nothing(alice: User, instrument: str, item: int, value: int) -> None:
    assert answers.note_answer(person_id=alice.pk, instrument=instrument, item=item, value=value) is None
    assert RiskFlag.objects.count() == 0


def test_a_yes_to_the_question_raises_an_alert(alice: User, session: ChatSession, say: Say) -> None:
    answers.note_answer(person_id=alice.pk, instrument="phq9", item=9, value=2)
    posted = say("yes, and I know how and when")
    assert posted.level >= RiskLevel.MODERATE


def test_an_answer_never_lowers_what_a_message_said(say: Say, alice: User, session: ChatSession) -> None:
    from therapy.safety import services

    posted = say("我不想活了，药已经准备好了")
    before = RiskFlag.objects.get()
    screened = services.raise_from_answers(
        person_id=alice.pk,
        session_id=session.pk,
        message_id=posted.message.id,
        source="phq9.9",
        level=RiskLevel.MODERATE,
        kind="ideation_active",
    )
    after = RiskFlag.objects.get()
    assert (after.level, after.kind) == (before.level, before.kind)
    assert screened.flag_id == before.pk


def test_an_answer_raises_the_flag_a_message_has(say: Say, alice: User, session: ChatSession) -> None:
    from therapy.safety import services

    posted = say("I think about suicide sometimes")
    flag = RiskFlag.objects.get()
    assert flag.level == RiskLevel.MODERATE
    services.raise_from_answers(
        person_id=alice.pk,
        session_id=session.pk,
        message_id=posted.message.id,
        source="check_in.1",
        level=RiskLevel.HIGH,
        kind="plan",
    )
    flag.refresh_from_db()
    assert (flag.level, flag.kind) == (RiskLevel.HIGH, "plan")
    assert Alert.objects.get().level == RiskLevel.HIGH
