"""The encoder's training commands on a handful of rows and a tiny base: learn, stop and go on, export, agree."""

from __future__ import annotations

import json
import lzma
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from ml.encoder import session
from ml.encoder.heads import OUTPUTS
from ml.encoder.tokens import encode, load_tokenizer
from ml.encoder.weights import problems
from ml.training import __main__ as command
from ml.training import encoder_export, encoder_loop, encoder_played, encoder_preceded, encoder_rows
from ml.training.encoder import mean_of
from ml.training.encoder_model import Encoder, loss_of, pad, targets_of
from ml.training.encoder_rows import Row
from ml.types import ChatTurn

ROWS = [
    Row("I want to die tonight", "en", "a", level=4, kind=4),
    Row("all counted", "en", "a", context=(ChatTurn("user", "forty jars of jam"),), level=0, kind=0),
    Row("我不想活了", "zh", "b", level=2, kind=3),
    Row("so happy today", "en", goemotions=("joy",), feelings={"joy": 1.0}),
    Row("too much homework", "en", stressors=(0.0, 1.0) + (0.0,) * 7, severity=0.6),
]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A BERT of two layers with random weights and the shipped vocabulary."""
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=30_522, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    shutil.copyfile(session.FOLDER / session.TOKENIZER, folder / "tokenizer.json")
    return str(folder)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "emotion"
    folder.mkdir(parents=True)
    texts = {"train": ["what a joy", "so sad"] * 4, "dev": ["joyful day", "sad night"] * 3, "test": ["fine"]}
    for split, lines in texts.items():
        rows = [
            {"text": f"{text} {n}", "labels": ["joy" if "joy" in text else "sadness"]} for n, text in enumerate(lines)
        ]
        write(folder / f"goemotions_original_{split}_en.jsonl.xz", rows)
    names = dict.fromkeys(encoder_rows._SAD_NAMES.values(), 0.0)
    write(folder / "sad_en.jsonl.xz", [names | {"text": "my boss shouts", "Work": 1.0, "avg_severity": 5.0}] * 4)
    write(folder / "xed_zh.jsonl.xz", [{"text": "太好了", "labels": ["joy"]}] * 4)
    dialogue = [{"role": "client", "content": "我好害怕考试的结果"}, {"role": "counselor", "content": "嗯。"}]
    write(tmp_path / "data" / "dialogue_zh" / "clean_train_zh.jsonl.xz", [{"turns": dialogue}] * 4)
    return tmp_path / "data"


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def tokens_of(base):
    tokenizer = load_tokenizer(session.FOLDER / session.TOKENIZER)
    return list(encoder_rows.tokenised(ROWS, tokenizer))


def test_the_command_writes_an_encoder_that_loads(base, data, tmp_path):
    out = tmp_path / "out"
    options = ["--data", str(data), "--base", base, "--out", str(out), "--limit", "40", "--epochs", "1"]
    assert command.run(["encoder", *options]) == 0
    assert problems(out) == []
    settings = json.loads((out / session.SETTINGS).read_text(encoding="utf-8"))
    assert settings["name"] == "encoder-1"
    assert set(session.load(out).read("hello")) == set(OUTPUTS)
    assert any((out / "runs").iterdir())
    assert (out / "parity.json").is_file()


def test_left_out_authors_are_scored_and_not_learned_from(base, data, tmp_path):
    scores = tmp_path / "scores.npz"
    options = ["--data", str(data), "--base", base, "--out", str(tmp_path / "fold"), "--limit", "30", "--epochs", "1"]
    assert command.run(["encoder", *options, "--leave-out", "e", "--scores", str(scores), "--fold"]) == 0
    assert not (tmp_path / "fold" / session.MODEL).exists()
    with np.load(scores) as tables:
        rows = encoder_rows.risk("zh")
        assert {rows[place].author for place in tables["zh.places"]} == {"e"}
        assert tables["zh.context"].shape == tables["zh.alone"].shape == (len(tables["zh.places"]), 4)
        assert int(tables["zh.digest"]) == encoder_rows.digest(rows)


def test_of_several_checkpoints_the_mean_is_taken(base, tmp_path):
    states = []
    for seed in (4, 5):
        torch.manual_seed(seed)
        states.append(Encoder(base).state_dict())
        torch.save(states[-1], tmp_path / f"{seed}.pt")
    found = mean_of([tmp_path / "4.pt", tmp_path / "5.pt"])
    assert found.keys() == states[0].keys()
    weights = [state["heads.risk.weight"] for state in (*states, found)]
    assert torch.allclose((weights[0] + weights[1]) / 2, weights[2], atol=1e-6)
    assert not torch.allclose(weights[0], weights[2])
    Encoder(base).load_state_dict(found)
    assert all(found[name].dtype == states[0][name].dtype for name in found)


def test_every_head_learns(base):
    torch.manual_seed(2)
    model = Encoder(base)
    torch.autograd.backward(loss_of(model(*pad(tokens_of(base))), targets_of(ROWS)))
    assert all(float(head.weight.grad.abs().sum()) > 0 for head in model.heads.values())
    assert model.base.embeddings.word_embeddings.weight.grad is None


def test_a_stopped_run_goes_on_where_it_was(base, tmp_path):
    options = encoder_loop.Options(epochs=6, batch=2, save_every=4)
    tokens = tokens_of(base)

    def run(out, stop_at=None):
        torch.manual_seed(3)
        model = Encoder(base)
        model.dropout.p = 0.0
        if stop_at:
            steps = iter(range(10**6))

            def judge(_):
                if next(steps) + 1 >= stop_at:
                    raise KeyboardInterrupt
                return 0.0

            with pytest.raises(KeyboardInterrupt):
                encoder_loop.train(model, None, ROWS, tokens, options, out, judge)
        encoder_loop.train(model, None, ROWS, tokens, options, out)
        return {name: value.detach() for name, value in model.named_parameters()}

    whole, resumed = run(tmp_path / "whole"), run(tmp_path / "resumed", stop_at=2)
    assert max(float((whole[name] - resumed[name]).abs().max()) for name in whole) < 5e-3


def test_early_stopping_ends_a_run_that_does_not_gain(base, tmp_path):
    options = encoder_loop.Options(epochs=40, batch=2, save_every=2, patience=2)
    figures = iter([-1.0, -2.0, -3.0, -4.0])
    run = encoder_loop.train(Encoder(base), None, ROWS, tokens_of(base), options, tmp_path, lambda _: next(figures))
    assert run.step == 6


def test_int8_onnx_agrees_with_torch(base, tmp_path):
    torch.manual_seed(4)
    model = Encoder(base).eval()
    encoder_export.export(model, Path(base), tmp_path)
    (tmp_path / session.SETTINGS).write_text('{"name": "try"}', encoding="utf-8")
    encoder_export.write_sums(tmp_path, [session.MODEL, session.TOKENIZER, session.SETTINGS])
    reader = session.load(tmp_path)
    for row in ROWS:
        tokens = encode(reader.tokenizer, row.text, row.context)
        with torch.no_grad():
            wanted = model(*(torch.from_numpy(one) for one in tokens.feed().values()))
        found = reader.run(tokens)
        for name, tensor in zip(OUTPUTS, wanted, strict=True):
            assert np.allclose(found[name], tensor[0].numpy(), atol=0.12), name


def test_sides_of_a_contrast_stay_in_one_batch():
    pairs = ["", "p", "", "q", "p", "", "q", ""]
    options = encoder_loop.Options(epochs=3, batch=4, seed=5)
    batches = encoder_loop.plan([5, 9, 3, 4, 2, 8, 4, 6], options, pairs)
    assert sorted(place for batch in batches[:2] for place in batch) == list(range(8))
    assert all((1 in batch) == (4 in batch) for batch in batches)


def test_talks_are_held_again_with_the_companion():
    talk = {
        "id": "t", "lang": "en", "author": "k",
        "turns": [
            {"role": "user", "text": "my dog died on sunday", "risk": "none", "kind": "grief"},
            {"role": "assistant", "text": "I'm sorry. What was she like?"},
            {"role": "user", "text": "small and loud", "risk": "none", "kind": "grief"},
            {"role": "user", "text": "i want to be buried beside her, and soon", "risk": "moderate"},
        ],
    }  # fmt: skip
    rows = encoder_played.played([talk], ["k"], random.Random(1))
    assert [(row.text, row.level, row.author) for row in rows] == [(talk["turns"][-1]["text"], 2, "k")]
    said = [turn.text for turn in rows[0].context if turn.role == "assistant"]
    assert len(said) == 2
    assert talk["turns"][1]["text"] not in said


def talk_rows(*said: tuple[str, int]) -> list[encoder_rows.Row]:
    """A talk's turns as rows, each with what stood before it; every one is answered with "ok"."""
    rows, before = [], list[ChatTurn]()
    for text, level in said:
        rows.append(encoder_rows.Row(text, "en", encoder_preceded.JUDGED_AFTER, context=tuple(before), level=level))
        before += [ChatTurn("user", text), ChatTurn("assistant", "ok")]
    return rows


def test_openings_are_stretches_of_talk_without_danger():
    rows = talk_rows(("exam on monday", 0), ("so tired", 1), ("i have the pills here", 4), ("bye", 0))
    found = encoder_preceded.openings(rows)
    said = {tuple(turn.text for turn in part if turn.role == "user") for part in found["en"]}
    assert said == {("exam on monday",), ("so tired",), ("exam on monday", "so tired")}
    assert found["zh"] == []


def test_a_row_is_put_after_an_opening_and_keeps_what_stood_before_it():
    rows = talk_rows(("exam on monday", 0), ("so tired", 0))
    known = encoder_preceded.openings(rows)
    calm = encoder_rows.Row("a line of nobody", "en", level=0)
    later = encoder_preceded.preceded([*rows, calm], known, 1.0, random.Random(1))
    assert [row.text for row in later] == ["exam on monday", "so tired", "a line of nobody"]
    assert len(later[0].context) == 2
    assert later[1].context[-2:] == rows[1].context
    assert len(later[1].context) == 4
    assert later[2] == calm
    assert encoder_preceded.preceded(rows, known, 0.0, random.Random(1)) == rows


def test_what_rows_are_judged_after_is_always_the_same():
    rows = [*talk_rows(("exam on monday", 0), ("so tired", 0)), encoder_rows.Row("i'm on the dam", "en", "p", level=4)]
    once, again = encoder_preceded.after_openings(rows), encoder_preceded.after_openings(rows)
    assert once == again
    assert once[2].context[0].text == "exam on monday"
    assert encoder_preceded.after_openings(rows[2:]) == rows[2:]
