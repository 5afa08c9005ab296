"""The model card of the small base: what it learned from, under which licences, what it can and cannot do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.training.pretrain_sources import Source

WARNING = (
    "A small base for demonstration and tests. It answers nobody by itself: it has learned the sound of such talks, "
    "not what is true or wise. It knows no facts to rely on, forgets what stood a few lines above, often goes astray."
)


def write_base_card(
    folder: Path, figures: Mapping[str, Any], sources: Sequence[Source], tokens: Mapping[str, int], more: str = ""
) -> None:
    """README.md for people and metrics.json for programs."""
    rows = "".join(f"| {name} | {_told(value)} |\n" for name, value in figures.items())
    data = "".join(
        f"| {source.name} | {source.language} | {source.licence} | {source.credit} | {tokens[source.name]:,} |\n"
        for source in sources
    )
    text = (
        f"# A small bilingual base for Attune\n\n**{WARNING}**\n\n| | |\n|---|---|\n{rows}\n"
        "## Data\n\nTokens packed, in windows shuffled over all sources; repeated at most four times where a source is "
        "small. Addresses, links, long numbers and introduced names were taken out; a dialogue ends before the first "
        "answer that Attune's guard refuses. Part of the Chinese text is a language model's rewrite of forum posts. "
        "Nobody from the field has read the data or the model.\n\n"
        f"| source | language | licence | from | tokens |\n|---|---|---|---|---|\n{data}\n"
        "Weights: Apache-2.0, with thanks to the authors above (CC-BY sources ask for this credit).\n\n"
        f"{more}"
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _told(value: Any) -> str:
    return ", ".join(f"{name} {one}" for name, one in value.items()) if isinstance(value, Mapping) else str(value)
