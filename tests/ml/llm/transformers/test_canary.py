"""Canaries: a model that has learned invented names by heart is found out, one that has not is let pass."""

import json
from pathlib import Path

import pytest

from ml.config import EngineConfig
from ml.llm.transformers.fitting import PromptFitter
from ml.llm.transformers.loading import load_base, load_tokenizer
from ml.training import canary, lora, tiny_lm

from .conftest import BASE_ANSWERS, dialogues, write

SHAPE = "--width 64 --layers 2 --heads 4 --vocabulary 900 --context 1024 --steps 30 --batch 4 --window 256 --rate 0.005"
TUNING = "--rank 8 --batch 4 --accumulate 1 --eval-every 20 --patience 99 --held-share 0.1 --device cpu --no-samples"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("canaries")
    data = write(folder / "talks.jsonl", dialogues(BASE_ANSWERS)[:24])
    assert tiny_lm.main(["--data", str(data), "--out", str(folder / "base"), *SHAPE.split()]) == 0
    return folder / "base", data


def tune(files: tuple[Path, Path], out: Path, *more: str) -> dict[str, object]:
    base, data = files
    arguments = ["--base", str(base), "--data", str(data), "--out", str(out), *TUNING.split(), *more]
    assert lora.main(arguments) == 0
    return dict(json.loads((out / "canary.json").read_text(encoding="utf-8")))


def test_what_stood_once_and_was_read_once_is_not_given_away(files: tuple[Path, Path], tmp_path: Path) -> None:
    result = tune(files, tmp_path, "--epochs", "1", "--canaries", "4")
    assert result["canaries"] == 4
    assert result["extracted"] == 0
    assert result["is_extractable"] is False
    assert "Not extractable" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "canary.json" in (tmp_path / "SHA256SUMS").read_text(encoding="utf-8")


def test_what_was_learned_by_heart_is_found_out(tmp_path: Path) -> None:
    secrets = canary.make(2, seed=0)
    rows = [
        {
            "id": "x",
            "lang": one.language,
            "turns": [{"role": turn.role, "text": turn.text} for turn in one.dialogue(0).turns],
        }
        for one in secrets
    ]
    data, out = write(tmp_path / "rows.jsonl", rows * 10), tmp_path / "base"
    assert tiny_lm.main(["--data", str(data), "--out", str(out), *SHAPE.split(), "--steps", "90"]) == 0
    model = load_base(EngineConfig(backend="transformers", model=str(out), device="cpu"))
    result = canary.measure(model, PromptFitter(load_tokenizer(str(out)), 1024), secrets, repeats=10, seed=0)
    assert result.extracted >= 1
    assert result.exposure_highest_bits == 8
    assert result.is_extractable
    assert "not to be promoted" in result.as_markdown()


def test_secrets_are_seeded_and_in_both_languages(files: tuple[Path, Path]) -> None:
    secrets = canary.make(4, seed=3)
    assert secrets == canary.make(4, seed=3)
    assert secrets != canary.make(4, seed=4)
    assert {secret.language for secret in secrets} == {"en", "zh"}
    fitter = PromptFitter(load_tokenizer(str(files[0])), 1024)
    text = fitter.render([{"role": "user", "content": secrets[0].asked}])
    assert secrets[0].secret not in text
