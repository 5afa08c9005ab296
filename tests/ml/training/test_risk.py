"""`python -m ml.training risk` on a few hundred authored rows and made-up encoder scores: files that load; figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.risk.head import HeadError, load_head
from ml.training import encoder_rows, risk, risk_rows
from ml.types import Language, RiskLevel

AUTHORS = "bfjq"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every twelfth row of four voices."""
    whole = risk_rows.raw_rows

    def some(language: Language, data: Path, dialogues: Path) -> list[dict[str, Any]]:
        return [row for row in whole(language, data, dialogues) if row["author"] in AUTHORS][::12]

    monkeypatch.setattr(risk_rows, "raw_rows", some)


def write_scores(file: Path, authors: str, seed: int) -> Path:
    """What an encoder that knows its trade a little might say of some authors."""
    noise, tables = np.random.default_rng(seed), {}
    for language in risk.LANGUAGES:
        rows = encoder_rows.risk(language)
        places = [place for place, row in enumerate(rows) if row.author in authors]
        levels = np.array([rows[place].level for place in places])
        logits = 3.0 * (levels[:, None] > np.arange(4)) - 1.5 + noise.normal(0, 1.5, (len(places), 4))
        tables |= {f"{language}.places": np.array(places), f"{language}.digest": np.array(encoder_rows.digest(rows))}
        tables |= dict.fromkeys((f"{language}.context", f"{language}.alone", f"{language}.after"), logits)
    np.savez(file, **tables)
    return file


@pytest.mark.usefixtures("few")
def test_the_command_writes_a_head_that_loads(tmp_path: Path) -> None:
    fold = write_scores(tmp_path / "fold.npz", "fj", 1)
    shipped = write_scores(tmp_path / "shipped.npz", "j", 2)
    out = tmp_path / "head"
    assert risk.main(["--scores", str(fold), "--shipped", str(shipped), "--out", str(out)]) == 0
    card = json.loads((out / "head.json").read_text("utf-8"))
    for language in risk.LANGUAGES:
        entry = card["languages"][language]
        assert set(entry["leave_one_author_out"]) == {"all", "f", "j"}
        assert set(entry["shipped_on_unseen"]) == {"all", "j"}
        assert entry["shipped_on_unseen"]["all"]["auc"]["flag"] > 0.8
        assert entry["after_plain_talk"]["after"]["rows"] == entry["after_plain_talk"]["alone"]["rows"] > 0
        head = load_head(language, out)
        assert head.level(dict.fromkeys(head.thresholds, 1.0)) == RiskLevel.IMMINENT
        assert head.level(dict.fromkeys(head.thresholds, 0.0)) == RiskLevel.NONE
    readme = (out / "README.md").read_text("utf-8")
    assert "scores of authors (f, j)" in readme
    assert "| zh | j |" in readme
    (out / "en.safetensors").write_bytes(b"something else")
    load_head.cache_clear()
    with pytest.raises(HeadError):
        load_head("en", out)
    load_head.cache_clear()


@pytest.mark.usefixtures("few")
def test_scores_of_other_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = write_scores(tmp_path / "scores.npz", "fj", 1)
    monkeypatch.setattr(encoder_rows, "digest", lambda rows: len(rows))
    with pytest.raises(ValueError, match="made for other rows"):
        risk.main(["--scores", str(scores), "--shipped", str(scores), "--out", str(tmp_path)])
