"""Questions of fact: answered from usable articles with their title, honestly not at all, never from what waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ml.llm import policy
from ml.llm.companion import Companion, answers, retrieval
from ml.planning.records import Review
from ml.types import ChatTurn, Language, Passage, ReplyRequest
from tests.ml.llm.companion.talk import Talk

ANSWERED: list[tuple[Language, str, str]] = [
    ("en", "does caffeine affect sleep?", "art-sleep-hygiene"),
    ("en", "does coffee affect sleep", "art-sleep-hygiene"),
    ("en", "how does CBT work?", "art-cbt-basics"),
    ("en", "what is burnout?", "art-burnout"),
    ("en", "does mindfulness work?", "art-mindfulness-evidence"),
    ("en", "why do people procrastinate?", "art-procrastination"),
    ("en", "what happens in counselling?", "art-what-is-counselling"),
    ("zh", "咖啡会影响睡眠吗", "art-sleep-hygiene"),
    ("zh", "认知行为疗法怎么起作用", "art-cbt-basics"),
    ("zh", "什么是倦怠", "art-burnout"),
    ("zh", "正念真的有用吗", "art-mindfulness-evidence"),
    ("zh", "心情低落和抑郁症有什么区别", "art-low-mood-or-depression"),
]
UNKNOWN: list[tuple[Language, str]] = [
    ("en", "what is EMDR?"),
    ("en", "how do vaccines work?"),
    ("en", "does ashwagandha reduce stress?"),
    ("en", "what is photosynthesis?"),
    ("zh", "什么是光合作用"),
    ("zh", "什么是EMDR"),
]
NO_QUESTION: list[tuple[Language, str]] = [
    ("en", "what's the point?"),
    ("en", "why is everything so hard?"),
    ("en", "why does he never call me?"),
    ("en", "what is wrong with me?"),
    ("en", "I can't sleep"),
    ("zh", "活着有什么意义"),
    ("zh", "我到底怎么了"),
    ("zh", "他为什么不理我"),
    ("zh", "最近总是失眠"),
]


@pytest.fixture(autouse=True)
def _shipped_library() -> Iterator[None]:
    retrieval.use_library(None)
    yield
    retrieval.use_library(None)


@pytest.mark.parametrize(("language", "text", "article"), ANSWERED)
def test_a_fact_is_answered_from_an_article_with_its_title(language: Language, text: str, article: str) -> None:
    talk = Talk(language)
    reply = talk.say(text)
    title = retrieval.load_shelf(language).documents[article].title
    assert talk.last.entries == (f"article:{article}",)
    assert reply.splitlines()[-1].startswith("Source:" if language == "en" else "来源：")
    assert title in reply
    assert ("not yet reviewed" if language == "en" else "尚未经临床人员审阅") in reply


@pytest.mark.parametrize(("language", "text", "article"), ANSWERED)
def test_the_guard_lets_the_answer_and_its_source_through(language: Language, text: str, article: str) -> None:
    companion = Companion()
    request = ReplyRequest("r", language, (ChatTurn("user", text),), crisis_line="988", seed=1)
    chunks = list(policy.speak(companion, companion, request, lambda: False))
    assert chunks[-1].finish == "stop"
    assert chunks[-1].entries == (f"article:{article}",)
    assert "\n" in "".join(chunk.text for chunk in chunks)


@pytest.mark.parametrize(("language", "text"), UNKNOWN)
def test_what_the_library_does_not_hold_is_not_invented(language: Language, text: str) -> None:
    talk = Talk(language)
    talk.say(text)
    assert talk.last.entries == ("answer:none",)


@pytest.mark.parametrize(("language", "text"), NO_QUESTION)
def test_what_is_no_question_of_fact_goes_on_as_talk(language: Language, text: str) -> None:
    talk = Talk(language)
    talk.say(text)
    assert not any(entry.startswith(("article:", "answer:", "waits:")) for entry in talk.last.entries)
    assert answers.passages(text, language) == ()


@pytest.mark.parametrize(("language", "text"), [("en", "what are intrusive thoughts?"), ("zh", "什么是闯入性念头")])
def test_an_article_that_waits_for_a_clinician_is_named_and_not_quoted(language: Language, text: str) -> None:
    talk = Talk(language)
    reply = talk.say(text)
    assert talk.last.entries == ("waits:art-intrusive-thoughts",)
    sentences = retrieval.load_shelf(language).documents["art-intrusive-thoughts"].sentences
    assert not any(sentence in reply for sentence in sentences)


def test_once_a_clinician_has_approved_it_is_quoted() -> None:
    library = retrieval.shipped()
    article = replace(library.articles["art-panic"], review=Review("approved"))
    retrieval.use_library(replace(library, articles={**library.articles, "art-panic": article}))
    talk = Talk("en")
    reply = talk.say("what is a panic attack?")
    assert talk.last.entries == ("article:art-panic",)
    assert reply.endswith("Source: “What a panic attack is, and what helps”, from Attune's library.")


def test_asked_again_it_tells_more_and_never_the_same() -> None:
    talk = Talk("en")
    for _ in range(4):
        talk.say("how does CBT work?")
    assert len(set(talk.replies)) == 4


def test_a_real_model_gets_passages_and_what_it_names_is_kept() -> None:
    found = answers.passages("does caffeine affect sleep?", "en")
    assert found[0].id == "article:art-sleep-hygiene"
    assert 1 <= len(found) <= 2
    assert not any(passage.id == "article:art-panic" for passage in answers.passages("what is a panic attack?", "en"))
    request = ReplyRequest(
        "r", "en", (), passages=(Passage("article:a", "Tea", "x"), Passage("article:b", "Milk", "y"))
    )
    assert answers.sources(request, "As “Tea” says, it does.", ()) == ("article:a",)
    assert answers.sources(request, "", ("article:c", "men-1")) == ("article:c",)


def test_looking_it_up_takes_milliseconds() -> None:
    retrieval.load_shelf("en")
    times = []
    for _ in range(20):
        started = time.perf_counter()
        answers.passages("does caffeine affect sleep in the evening?", "en")
        times.append(time.perf_counter() - started)
    assert min(times) < 0.05
