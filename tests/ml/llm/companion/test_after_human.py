"""After a counsellor has left the companion says that it is the AI again, once, and never before an emergency."""

from __future__ import annotations

import pytest

from ml.llm.companion.bank import load_bank
from ml.llm.guard import check
from ml.types import HUMAN_CAME, HUMAN_LEFT, ChatTurn, Language, RiskLevel
from tests.ml.llm.companion.talk import LINES, Talk

SAID: dict[Language, tuple[str, str]] = {
    "en": ("my sister is with me now", "I am so tired and I cannot sleep"),
    "zh": ("我姐姐现在陪着我", "我很累，睡不着"),
}
LANGUAGES: tuple[Language, ...] = ("en", "zh")
RISKS = (RiskLevel.NONE, RiskLevel.MODERATE, RiskLevel.HIGH)


def after_a_human(language: Language) -> Talk:
    talk = Talk(language)
    talk.say(SAID[language][1])
    talk.turns += [
        ChatTurn("system", HUMAN_CAME),
        ChatTurn("counsellor", "I am here" if language == "en" else "我在"),
        ChatTurn("system", HUMAN_LEFT),
    ]
    return talk


def situations(talk: Talk) -> list[str]:
    return [load_bank(talk.language).by_id[key].situation for key in talk.last.entries]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("risk", RISKS)
def test_it_says_first_that_it_is_the_ai_again(language: Language, risk: RiskLevel) -> None:
    talk = after_a_human(language)
    reply = talk.say(SAID[language][0], risk=risk, kind="ideation_active" if risk else "neutral")
    assert situations(talk)[0] == "after_human"
    assert len(situations(talk)) > 1
    assert "AI" in reply
    talk.say(SAID[language][1])
    assert "after_human" not in situations(talk), "said once is enough"


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_an_emergency_the_number_comes_first(language: Language) -> None:
    talk = after_a_human(language)
    text = "I have the pills in my hand" if language == "en" else "药就在我手里"
    reply = talk.say(text, risk=RiskLevel.IMMINENT, kind="attempt_in_progress")
    assert "after_human" not in situations(talk)
    assert LINES[language][1] in reply


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_stretch_is_met_in_other_words(language: Language) -> None:
    talk = after_a_human(language)
    first = talk.say(SAID[language][0])
    talk.turns += [ChatTurn("system", HUMAN_CAME), ChatTurn("system", HUMAN_LEFT)]
    second = talk.say(SAID[language][1])
    assert situations(talk)[0] == "after_human"
    assert first[:20] != second[:20]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("risk", RISKS)
def test_the_lines_pass_the_guard(language: Language, risk: RiskLevel) -> None:
    lines = load_bank(language).of("after_human")
    assert len(lines) >= 3
    for entry in lines:
        assert check(entry.text, language=language, risk=risk, allowed_numbers=frozenset()).is_allowed, entry.text
