"""The shipped encoder: it loads, agrees with the network it was made from, and says when it is broken."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from ml.encoder import session
from ml.encoder.heads import KINDS, LEVELS, STRESSORS
from ml.text import normalise


@pytest.fixture(scope="module")
def encoder():
    return session.load()


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(session.FOLDER, tmp_path / "encoder")
    yield tmp_path / "encoder"
    session.load.cache_clear()


def test_int8_agrees_with_the_network_it_was_made_from(encoder):
    """Correlation and level decisions over a sample; the reference was written by torch before rounding to int8."""
    sample = json.loads((session.FOLDER / "parity.json").read_text(encoding="utf-8"))
    wanted = np.array([row["risk"] for row in sample])
    found = np.stack([encoder.read(normalise(row["text"]).text)["risk"] for row in sample])
    assert len(sample) >= 40
    assert np.corrcoef(wanted.ravel(), found.ravel())[0, 1] > 0.98
    assert np.mean((wanted > 0) == (found > 0)) > 0.95


@pytest.mark.parametrize("text", ["", " ", "ok", "我没事", "\ud800", "😀" * 10_000, "a" * 1_000_000, "שלום עולם"])
def test_any_text_gives_finite_numbers(encoder, text):
    outputs = encoder.read(normalise(text).text)
    assert outputs["risk"].shape == (len(LEVELS),)
    assert outputs["kind"].shape == (len(KINDS),)
    assert outputs["stressors"].shape == (len(STRESSORS),)
    assert all(np.isfinite(values).all() for values in outputs.values())


def test_sentences_of_like_meaning_lie_together_across_languages(encoder):
    def vector(text):
        return encoder.read(normalise(text).text)["vector"]

    about_sleep, sleep_zh, other = vector("I can't sleep at night"), vector("我晚上睡不着觉"), vector("我想学做饭")
    assert np.linalg.norm(about_sleep) == pytest.approx(1.0, abs=1e-3)
    assert about_sleep @ sleep_zh > about_sleep @ other + 0.15


def test_broken_files_are_named(copy):
    (copy / session.MODEL).write_bytes(b"not a network")
    assert "model.int8.onnx is not the file that was measured" in session.self_check(copy)[0]
    (copy / session.MODEL).unlink()
    assert "missing" in session.self_check(copy)[0]


def test_torch_stays_outside():
    code = "import sys; from ml.risk import assess; assess('hi'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
