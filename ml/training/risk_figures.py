"""Thresholds of the risk head, chosen on scores of unseen authors, and the figures the model card tells."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ml.evaluation.metrics import area_under_curve, calibration_error
from ml.risk.dense import HEADS
from ml.risk.head import odds
from ml.training.risk_ngrams import Floats, Integers
from ml.training.risk_rows import PLAIN, Example

# False alarms the union of rules and head may give on the cross-validated rows; below the floors of docs/safety.md.
FLAG_ALARMS_HARD = 0.135
PAGE_ALARMS_NONE = 0.028
IMMINENT_ALARMS_NONE = 0.012
SUPPORT_ALARMS_NONE = 0.16
# The same for plainly typed ordinary talk: a detector that rings all day is switched off.
SUPPORT_ALARMS_TALK = 0.06
FLAG_ALARMS_TALK = 0.10
PAGE_ALARMS_TALK = 0.015


def choose_thresholds(examples: list[Example], found: Floats) -> dict[str, float]:
    """Lowest threshold of each head at which rules ∪ head stay within the allowed false alarms."""
    found = odds(found)
    levels = np.array([example.level for example in examples])
    rules = np.array([example.rule_level for example in examples])
    none = levels == 0
    hard = np.array([example.is_hard for example in examples])
    written_hard = none & ~np.array([example.is_ordinary for example in examples])
    plain = none & np.array([example.author in PLAIN for example in examples])
    limits = (
        ((written_hard, SUPPORT_ALARMS_NONE), (plain, SUPPORT_ALARMS_TALK)),
        ((hard, FLAG_ALARMS_HARD), (plain, FLAG_ALARMS_TALK)),
        ((written_hard, PAGE_ALARMS_NONE), (plain, PAGE_ALARMS_TALK)),
        ((written_hard, IMMINENT_ALARMS_NONE), (plain, PAGE_ALARMS_TALK)),
    )
    thresholds = {}
    for place, groups in enumerate(limits):
        cuts = [_lowest_cut(group, limit, rules, found[:, place], place) for group, limit in groups]
        thresholds[HEADS[place]] = round(max(cuts) + 1e-4, 4)
    return thresholds


def _lowest_cut(group: npt.NDArray[np.bool_], limit: float, rules: Integers, found: Floats, place: int) -> float:
    """Score above which no more of the group are called than the limit allows, those called by rules counted in."""
    silent = group & (rules <= place)
    allowed = max(int(limit * group.sum()) - int((group & (rules > place)).sum()), 0)
    ordered = np.sort(found[silent])[::-1]
    return float(ordered[allowed]) if len(ordered) > allowed else 0.0


def figures(examples: list[Example], found: Floats, thresholds: dict[str, float]) -> dict[str, Any]:
    """What the model card tells: areas, calibration and gates, over all authors and for each."""
    report: dict[str, Any] = {}
    authors = np.array([example.author for example in examples])
    for name in ("all", *sorted(set(authors))):
        keep = np.flatnonzero(authors == name) if name != "all" else np.arange(len(examples))
        report[name] = _figures_of([examples[place] for place in keep], found[keep], thresholds)
    return report


def after_talk(examples: list[Example], found: Floats, after: Floats, thresholds: dict[str, float]) -> dict[str, Any]:
    """The rows that stand alone, as they are and after plain talk that neither explains nor worsens them."""
    keep = [place for place, example in enumerate(examples) if example.later]
    alone, later = [examples[place] for place in keep], [examples[place].later or examples[place] for place in keep]
    return {
        "alone": _figures_of(alone, found[keep], thresholds),
        "after": _figures_of(later, after[keep], thresholds),
    }


def _figures_of(examples: list[Example], found: Floats, thresholds: dict[str, float]) -> dict[str, Any]:
    levels = np.array([example.level for example in examples])
    rules = np.array([example.rule_level for example in examples])
    hard = np.array([example.is_hard for example in examples])
    talk = np.array([example.is_ordinary for example in examples])
    reached = odds(found) >= np.array([thresholds[name] for name in HEADS])
    said = np.maximum(rules, np.max(reached * np.arange(1, 5), axis=1))
    return {
        "rows": len(examples),
        "auc": {name: area_under_curve(levels > place, found[:, place]) for place, name in enumerate(HEADS)},
        "ece": {name: calibration_error(levels > place, found[:, place]) for place, name in enumerate(HEADS)},
        "page_recall_imminent": _share(said[levels == 4] >= 3),
        "page_recall_high": _share(said[levels >= 3] >= 3),
        "flag_recall": _share(said[levels >= 2] >= 2),
        "severe_misses": _share(said[levels >= 3] <= 1),
        "flag_alarms_hard": _share(said[hard] >= 2),
        "page_alarms_none": _share(said[levels == 0] >= 3),
        "flag_alarms_talk": _share(said[talk] >= 2),
        "page_alarms_talk": _share(said[talk] >= 3),
        "rules_alone": {
            "flag_recall": _share(rules[levels >= 2] >= 2),
            "page_recall_high": _share(rules[levels >= 3] >= 3),
            "page_alarms_none": _share(rules[levels == 0] >= 3),
        },
    }


def _share(said: npt.NDArray[np.bool_]) -> float | None:
    """Share of true values; None where there is nothing to count."""
    return float(said.mean()) if len(said) else None
