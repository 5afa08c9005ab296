"""The whole of `assess`: the maximum of its parts, context, evidence, bad input, and a head that is gone."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.encoder import session
from ml.evaluation.rows import read_rows
from ml.risk import UNEXPLAINED, assess, assessing, explain, self_check
from ml.risk.context import bound_level
from ml.risk.dense import HEADS
from ml.risk.head import FOLDER, Head, HeadError, load_head
from ml.risk.reading import read
from ml.training.risk_rows import DATA
from ml.types import ChatTurn, RiskLevel


def turns(*texts: str) -> tuple[ChatTurn, ...]:
    """Turns that end with the assistant's; the one before is the person's."""
    roles = ["assistant" if place % 2 == 0 else "user" for place in range(len(texts))][::-1]
    return tuple(ChatTurn(role, text) for role, text in zip(roles, texts, strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("context", "text", "least"),
    [
        (turns("I'm exhausted", "Are you having thoughts of suicide?"), "yes", RiskLevel.MODERATE),
        (turns("I'm exhausted", "Are you thinking about ending your life?"), "yeah. tonight", RiskLevel.HIGH),
        (turns("I'm going to kill myself tonight", "Are you safe right now?"), "jk", RiskLevel.MODERATE),
        (turns("I want to die", "Thank you for telling me."), "just kidding lol", RiskLevel.MODERATE),
        (turns("最近很累", "你有没有想过自杀？"), "有", RiskLevel.MODERATE),
        (turns("我不想活了", "你现在安全吗？"), "逗你的", RiskLevel.MODERATE),
        (turns("我今晚就自杀", "你现在在哪里？"), "已经在天台了", RiskLevel.HIGH),
    ],
)
def test_context_gives_meaning(context: tuple[ChatTurn, ...], text: str, least: RiskLevel) -> None:
    assert assess(text, context).level >= least


@pytest.mark.parametrize(
    ("context", "text"),
    [
        (
            turns("Decorating for the school play, we need the gallows to look real", "What have you got so far?"),
            "The rope's up. I tested it and it holds.",
        ),
        (turns("我给乡下奶奶家安了个秋千", "一定很好玩，绳子结实吗？"), "绳子绑好了 很结实"),
        ((), "what time do you open"),
        ((), "早上好"),
    ],
)
def test_harmless_talk_pages_nobody(context: tuple[ChatTurn, ...], text: str) -> None:
    assert assess(text, context).level < RiskLevel.HIGH


@pytest.mark.parametrize(
    ("chances", "level"),
    [((0.9, 0.6, 0.02, 0.01), RiskLevel.LOW), ((0.99, 0.98, 0.9, 0.8), RiskLevel.IMMINENT)],
)
def test_explained_words_hold_a_doubt_and_no_certainty(
    monkeypatch: pytest.MonkeyPatch, chances: tuple[float, ...], level: RiskLevel
) -> None:
    """An empty pill box is a thing of the house, and may lie beside somebody who does not wake up."""
    text = "我室友叫不醒，旁边药盒是空的"
    assert read(text, (), "zh").is_explained
    monkeypatch.setattr(Head, "probabilities", lambda *_: dict(zip(HEADS, chances, strict=True)))
    assert assess(text, (), "zh").level == level


@given(st.text(max_size=300), st.lists(st.text(max_size=100), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_the_maximum_of_its_parts(text: str, said: list[str]) -> None:
    context = tuple(ChatTurn("user" if place % 2 else "assistant", part) for place, part in enumerate(said))
    found = assess(text, context)
    reading = read(text, context)
    assert found.level >= bound_level(reading, RiskLevel.NONE)
    assert found.level == max((one.level for one in found.evidence), default=found.level)
    assert all(0 <= one.start <= one.end <= len(text) for one in found.evidence)
    assert all(0.0 <= score <= 1.0 for score in found.scores.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "a" * 1_000_000,
        "i want to die and " * 60_000,
        "今天我去公园走" * 150_000,
        "\ud800\udfff" * 5_000,
        "😀💊🔪" * 3_400,
        "مرحبا " * 50_000,
    ],
    ids=["empty", "blank", "letters", "danger", "han", "surrogates", "emoji", "other-script"],
)
def test_bad_input_is_answered_in_bounded_time(text: str) -> None:
    begun = time.perf_counter()
    assert assess(text, (ChatTurn("user", text), ChatTurn("assistant", text))).level in RiskLevel
    assert time.perf_counter() - begun < 10.0


def test_evidence_points_at_the_words() -> None:
    text = "anyway. I\u200b want to k1ll myself tonight"
    spans = {text[one.start : one.end] for one in assess(text).evidence if one.source == "rule"}
    assert any("k1ll myself" in span for span in spans)


def test_spans_of_the_head_drive_it() -> None:
    """Over the flagged rows of a set nobody trained on, deleting the top stretch lowers the chance nearly always."""
    rows = [row for language in ("en", "zh") for row in read_rows(DATA / f"independent_{language}.jsonl")]
    fell = []
    for row in rows[::5]:
        context = tuple(ChatTurn(turn["role"], turn["text"]) for turn in row.get("context", ()))
        found = assess(row["text"], context, row["lang"])
        top = next((one for one in found.evidence if one.source == "classifier"), None)
        if top is None or top.end - top.start >= len(row["text"]):
            continue
        assert 0 <= top.start < top.end <= len(row["text"])
        without = assess(row["text"][: top.start] + " " + row["text"][top.end :], context, row["lang"])
        head = top.level.label.replace("moderate", "flag").replace("high", "page")
        fell.append(without.scores.get(head, 0.0) < found.scores[head])
    assert len(fell) > 30
    assert sum(fell) / len(fell) > 0.9


def test_words_may_be_looked_for_later() -> None:
    """Screening leaves them out for speed; whoever reads the flag gets the same ones."""
    text = "they would all be better off if I just faded out of the picture, I wrote the letters last night"
    now, whole = assess(text, with_words=False), assess(text)
    assert now.level == whole.level >= RiskLevel.MODERATE
    assert now.scores == whole.scores
    (open_finding,) = [one for one in now.evidence if one.rule.endswith(UNEXPLAINED)]
    assert (open_finding.start, open_finding.end) == (0, len(text))
    assert explain(text, (), "en", open_finding.level) == tuple(
        one for one in whole.evidence if one.source == "classifier"
    )
    assert explain("", (), "en", RiskLevel.HIGH) == ()


def test_shipped_files_are_in_order() -> None:
    assert self_check() == []


@pytest.fixture
def no_head(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(language: str) -> None:
        raise HeadError("gone")

    monkeypatch.setattr(assessing, "load_head", refuse)


@pytest.mark.usefixtures("no_head")
def test_without_weights_the_rules_still_screen_and_fail_closed(caplog: pytest.LogCaptureFixture) -> None:
    assert assess("nice weather").level == RiskLevel.MODERATE
    assert assess("I took 40 paracetamol").level == RiskLevel.IMMINENT
    assert self_check() == ["risk head en: gone", "risk head zh: gone"]
    assert assess("nice weather").version.endswith("no-head")
    assert "nice weather" not in caplog.text
    assert "failing closed" in caplog.text


def test_without_the_encoder_it_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise session.EncoderError("encoder: model.int8.onnx is missing")

    monkeypatch.setattr(session, "load", refuse)
    assert assess("nice weather").level == RiskLevel.MODERATE
    assert assess("I took 40 paracetamol").level == RiskLevel.IMMINENT


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "risk"))
    content = bytearray((folder / "en.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "en.safetensors").write_bytes(bytes(content))
    with pytest.raises(HeadError, match="sha256"):
        load_head("en", folder)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HeadError):
        load_head("zh", tmp_path)
