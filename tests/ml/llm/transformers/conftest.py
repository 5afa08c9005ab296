"""A really small model and two adapters, made once by the project's own commands, and engines on them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from ml.config import EngineConfig
from ml.llm.transformers.engine import TransformersEngine
from ml.training import lora, tiny_lm
from ml.types import ChatTurn, ReplyRequest

PEOPLE = ("boss", "sister", "mother", "friend", "teacher", "neighbour")
FEELINGS = (("sad", "难过"), ("angry", "生气"), ("tired", "很累"), ("afraid", "害怕"))


BASE_ANSWERS = (
    ("That sounds {0}. What happened with them?", "听起来你{0}。后来发生了什么？"),
    ("You miss your {1}. Tell me more about it.", "你想念{1}。多说一点好吗？"),
    ("It is hard to be so {0} alone at night.", "一个人{0}的时候不容易。"),
)
TUNED_ANSWERS = (("Thank you for telling me. What would help?", "谢谢你告诉我。什么会有帮助？"),)


def dialogues(answers: tuple[tuple[str, str], ...]) -> list[dict[str, object]]:
    """48 plain dialogues, half of them Chinese, answered in turn in the wordings given."""
    rows: list[dict[str, object]] = []
    for number, (person, (english, chinese)) in enumerate(product(PEOPLE, FEELINGS)):
        wording = answers[number % len(answers)]
        texts = {
            "en": (f"I am {english} since my {person} left.", wording[0].format(english, person)),
            "zh": (f"{person}走了以后我{chinese}。", wording[1].format(chinese, person)),
        }
        for lang, (asked, answered) in texts.items():
            turns = [{"role": "user", "text": asked}, {"role": "assistant", "text": answered}]
            rows.append({"id": f"{lang}-{person}-{english}", "lang": lang, "turns": turns * 2})
    return rows


def write(file: Path, rows: list[dict[str, object]]) -> Path:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def base_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("dialogues") / "base.jsonl", dialogues(BASE_ANSWERS))


@pytest.fixture(scope="session")
def dialogue_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the adapters learn: other answers than the base's."""
    return write(tmp_path_factory.mktemp("dialogues") / "tuned.jsonl", dialogues(TUNED_ANSWERS))


@pytest.fixture(scope="session")
def tiny_base(base_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tiny")
    shape = ["--width", "64", "--layers", "2", "--heads", "4", "--vocabulary", "700", "--context", "1024"]
    speed = ["--steps", "60", "--batch", "4", "--window", "384", "--rate", "0.005"]
    assert tiny_lm.main(["--data", str(base_file), "--out", str(out), *shape, *speed]) == 0
    return out


def lora_arguments(base: Path, data: Path, out: Path, *more: str) -> list[str]:
    """Options of a training that takes a few seconds."""
    sizes = ["--rank", "4", "--epochs", "2", "--batch", "4", "--accumulate", "2", "--eval-every", "3", "--rate", "0.01"]
    return [
        "--base",
        str(base),
        "--data",
        str(data),
        "--out",
        str(out),
        "--held-share",
        "0.2",
        *sizes,
        "--no-samples",
        *more,
    ]


@pytest.fixture(scope="session")
def adapter(tiny_base: Path, dialogue_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("adapter")
    assert lora.main(lora_arguments(tiny_base, dialogue_file, out)) == 0
    return out


@pytest.fixture(scope="session")
def config(tiny_base: Path) -> EngineConfig:
    return EngineConfig(backend="transformers", model=str(tiny_base), device="cpu", max_concurrent=8)


@pytest.fixture(scope="session")
def engine(config: EngineConfig) -> Iterator[TransformersEngine]:
    built = TransformersEngine(config)
    yield built
    built.close()


@pytest.fixture(scope="session")
def endless(config: EngineConfig) -> Iterator[TransformersEngine]:
    """An engine that knows no end token, so that a reply's length does not hang on what the tiny model learned."""
    built = TransformersEngine(config)
    built._loop._stop_ids = frozenset()
    yield built
    built.close()


@pytest.fixture
def request_of() -> object:
    """Builds greedy requests: `request_of("text", max_tokens=5)`."""
    base = ReplyRequest("request", "en", (), temperature=0.0, max_tokens=24)

    def build(text: str, **changes: object) -> ReplyRequest:
        return replace(base, **{"turns": (ChatTurn("user", text),), **changes})

    return build


def never() -> bool:
    """A caller who does not cancel."""
    return False


def reply(engine: TransformersEngine, request: ReplyRequest) -> str:
    """The whole text of a reply."""
    return "".join(chunk.text for chunk in engine.stream(request, never))
