"""Rows of an adapter's training: packed ones teach what single ones do; what identifies is scrubbed; merging."""

import dataclasses
import json

import pytest
import torch

from ml.llm.transformers.loading import attach_adapter, load_base
from ml.training import lora, merge
from ml.training.lora_data import Example, collate, pack

from .conftest import lora_arguments, write


def examples() -> list[Example]:
    draw = torch.Generator().manual_seed(3)
    sizes = (30, 9, 17, 24, 5)
    rows = [torch.randint(5, 500, (size,), generator=draw).tolist() for size in sizes]
    return [Example(row, [-100, -100, *row[2:]]) for row in rows]


def gradients(model, rows):
    """Loss sum and the gradients of all rows."""
    model.zero_grad()
    total = 0.0
    for row in rows:
        data = collate([row], 0, torch.device("cpu"))
        labels = data.pop("labels")[:, 1:].reshape(-1)
        logits = model(**data, use_cache=False).logits[:, :-1].flatten(0, 1)
        loss = torch.nn.functional.cross_entropy(logits, labels, ignore_index=-100, reduction="sum")
        loss.backward()
        total += loss.item()
    return total, {name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None}


def test_packing_fills_rows_and_loses_no_lesson():
    rows = pack(examples(), 48)
    assert [row.lengths for row in rows] == [(30, 17), (24, 9, 5)]
    learned = [sum(label != -100 for label in row.labels) for row in (*rows, *examples())]
    assert sum(learned[:2]) == sum(learned[2:])


def test_packed_rows_teach_exactly_what_single_rows_do(config):
    model = load_base(config).train()
    single, alone = gradients(model, examples())
    packed, together = gradients(model, pack(examples(), 48))
    assert packed == pytest.approx(single, rel=1e-4)
    assert all(torch.allclose(alone[name], together[name], atol=1e-3) for name in alone)


def test_an_adapter_trains_on_packed_rows(tiny_base, dialogue_file, tmp_path):
    assert lora.main(lora_arguments(tiny_base, dialogue_file, tmp_path, "--pack", "--epochs", "4", "--batch", "1")) == 0
    figures = json.loads((tmp_path / "metrics.json").read_text())
    assert figures["packed"] is True
    assert figures["held-out loss lowered by (percent)"] > 10


def test_names_and_numbers_never_reach_the_tokens(tiny_base, tmp_path):
    turns = [
        {"role": "user", "text": "My name is Nadia and my number is 07911 123456."},
        {"role": "assistant", "text": "Thank you, Nadia. What happened?"},
    ]
    rows = [{"id": str(number), "lang": "en", "turns": turns} for number in range(20)]
    data = write(tmp_path / "rows.jsonl", rows)
    args = lora.build_parser().parse_args(lora_arguments(tiny_base, data, tmp_path, "--canaries", "0"))
    tokenizer = lora.load_tokenizer(str(tiny_base))
    corpus = lora.build_corpus(args, tokenizer)
    text = tokenizer.decode(corpus.train[0].ids)
    assert "Nadia" not in text
    assert "07911" not in text
    assert "Thank you. What happened?" in text
    assert corpus.scrubbed == 40


def test_a_merged_model_says_what_the_adapted_one_does(config, tiny_base, adapter, tmp_path):
    out = tmp_path / "merged"
    arguments = ["--base", str(tiny_base), "--adapter", str(adapter), "--out", str(out), "--dtype", "float32"]
    assert merge.main(arguments) == 0
    ids = torch.arange(30)[None]
    with torch.no_grad():
        adapted = attach_adapter(load_base(config), str(adapter)).eval()(input_ids=ids).logits
        merged = load_base(dataclasses.replace(config, model=str(out))).eval()(input_ids=ids).logits
    assert torch.allclose(adapted, merged, atol=1e-3)
    assert "adapter" in (out / "README.md").read_text()


def test_merging_refuses_another_base(tiny_base, adapter, tmp_path, capsys):
    other = tmp_path / "other"
    other.mkdir()
    for file in tiny_base.iterdir():
        if file.is_file():
            (other / file.name).write_bytes(file.read_bytes())
    (other / "config.json").write_text((other / "config.json").read_text() + " ")
    assert merge.main(["--base", str(other), "--adapter", str(adapter), "--out", str(tmp_path / "x")]) == 2
    assert "another base" in capsys.readouterr().err
