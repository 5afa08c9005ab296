"""Writes the model card beside the emotion weights. Figures on public test files are added to it by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_SHARED_LIMITS = """\
## Limits

- Labels of the authored rows are their author's alone; no clinician has reviewed them.
- A reading is a guess about words, not about a person. It may steer the tone of a reply and a chart that the person
  sees; it decides nothing about risk, help or diagnosis.
- One message is read without what came before it. Irony, quotation and other people's feelings are often misread.
- Shame, guilt, loneliness, hope, relief and disgust have few training rows; unclear readings fall back to neutral.
- Valence and arousal come from a table of twelve pairs (`ml/understanding/affect.py`), not from rated text.
"""

_CHINESE = """\
# emotion-zh: Chinese emotion reader

Multinomial logistic regression over hashed character 1- to 4-grams (131,072 slots, log counts, inverse document
frequency, unit length) and one slot for each feeling the lexicon finds named; fp16, run with numpy. Traditional
characters and Cantonese words are folded first (`ml/text`).

Licence: Apache-2.0 for the weights; attribute XED (CC-BY-4.0, Öhman et al. 2020, Helsinki-NLP).

## Data

- User turns of the project's authored Chinese dialogues, training side (about 80 %).
- Single lines written for the project, `ml/data/emotion/feelings_zh.jsonl`.
- XED Chinese subtitles (CC-BY-4.0); rows with only trust or anticipation are left out.
- Weak labels from SMILE counselling dialogues (CC0-1.0; the text is a language model's rewrite of forum posts):
  feelings named by the client, named by the counsellor, or by nobody (neutral).

## Remake

    OMP_NUM_THREADS=1 python -m ml.training emotion --data DATA --out ml/models/emotion-zh

`DATA` holds `emotion/xed_zh.jsonl.xz`, `authored/sft_zh.jsonl` and `dialogue_zh/clean_train_zh.jsonl.xz`.
"""

CARDS: Mapping[str, str] = {"zh": _CHINESE}


def write_card(out: Path, language: str, metrics: Mapping[str, object]) -> None:
    """README.md with what it is, what it learned from, the figures of this training run, and its limits."""
    figures = json.dumps(metrics, ensure_ascii=False, indent=1)
    text = f"{CARDS[language]}\n## Figures of the training run\n\n```json\n{figures}\n```\n\n{_SHARED_LIMITS}"
    (out / "README.md").write_text(text, encoding="utf-8")
