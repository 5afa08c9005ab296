"""The emotion training commands on a handful of rows: files, checksums, seed, what is held out."""

from __future__ import annotations

import json
import lzma
import random

import pytest

from ml.encoder.weights import problems
from ml.training import __main__ as command
from ml.training import emotion_data
from ml.training.emotion_weak import weak_examples
from ml.understanding import linear
from ml.understanding.labels import FEELING_OF_GOEMOTIONS, FEELINGS

SAID = ["我好害怕考试的结果", "他凭什么这样对我，气死我了", "我今年在读大学三年级", "我一个人吃饭，没有朋友"]


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path):
    directory = tmp_path / "data"
    turns = [{"role": "user", "text": f"{said}{n}", "emotion": "fear"} for n, said in enumerate(SAID)]
    write(directory / "authored" / "sft_zh.jsonl", [{"id": f"d{n}", "turns": turns} for n in range(30)])
    write(directory / "emotion" / "xed_zh.jsonl.xz", [{"text": "太好了", "labels": ["joy", "trust"]}] * 5)
    client = [
        {"turns": [{"role": "client", "content": said}, {"role": "counselor", "content": "嗯。"}]} for said in SAID
    ]
    write(directory / "dialogue_zh" / "clean_train_zh.jsonl.xz", client)
    write(tmp_path / "lines.jsonl", [{"text": f"{name}的一句话", "label": name} for name in FEELINGS])
    return directory


def train(data, out, seed):
    options = ["--data", str(data), "--lines", str(data.parent / "lines.jsonl"), "--out", str(out), "--seed", str(seed)]
    return command.run(["emotion", *options])


def test_emotion_writes_a_reader_that_loads(data, tmp_path):
    assert train(data, tmp_path / "first", 7) == 0
    assert problems(tmp_path / "first") == []
    assert linear.load(tmp_path / "first").feelings("我好害怕考试的结果1").keys() == set(FEELINGS)
    assert "python -m ml.training emotion" in (tmp_path / "first" / "README.md").read_text(encoding="utf-8")
    assert train(data, tmp_path / "second", 7) == 0
    sums = [(tmp_path / name / "SHA256SUMS").read_text() for name in ("first", "second")]
    assert sums[0] == sums[1]


def test_weak_labels(data):
    rows = weak_examples(data / "dialogue_zh" / "clean_train_zh.jsonl.xz", random.Random(1))
    labels = sorted((row.source, *row.feelings) for row in rows)
    assert labels == [("named", "anger"), ("named", "fear"), ("named", "loneliness"), ("silent", "neutral")]


def test_dialogues_are_held_out_whole(data):
    path = data / "authored" / "sft_zh.jsonl"
    inside = emotion_data.authored(path, "zh", held_out=False)
    outside = emotion_data.authored(path, "zh", held_out=True)
    assert len(inside) + len(outside) == 30 * len(SAID)
    assert outside
    assert len(outside) % len(SAID) == 0


def test_test_texts_are_dropped_from_train(tmp_path):
    for split, texts in {"train": ["I am glad", "So  SAD", "fine"], "dev": ["so sad"], "test": ["i am glad"]}.items():
        rows = [{"text": text, "labels": ["joy"]} for text in texts]
        write(tmp_path / f"goemotions_original_{split}_en.jsonl.xz", rows)
    assert [row.text for row in emotion_data.goemotions(tmp_path, "train")] == ["fine"]


def test_labels_are_spread_evenly():
    assert emotion_data.spread(["remorse", "sadness"], FEELING_OF_GOEMOTIONS) == {"guilt": 0.5, "sadness": 0.5}
    assert emotion_data.spread(["trust"], FEELING_OF_GOEMOTIONS) == {}


@pytest.mark.parametrize("argv", [["nothing"], ["../emotion"], []])
def test_wrong_commands_are_refused(argv, capsys):
    assert command.run(argv) == 2
    assert "usage" in "".join(capsys.readouterr())


def test_help_names_the_commands(capsys):
    assert command.run(["--help"]) == 0
    assert "emotion" in capsys.readouterr().out
