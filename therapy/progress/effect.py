"""One person's effect in figures: where it began, where it is, how sure the difference is, what they rated.

A change is never said to come from anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from therapy.assessments import instruments, scoring
from therapy.assessments.instruments import Instrument
from therapy.assessments.scoring import Change
from therapy.assessments.selectors import Result, results
from therapy.library import selectors as library
from therapy.observations import selectors as observations

FEWEST_RATINGS = 2


@dataclass(frozen=True, slots=True)
class Effect:
    """One questionnaire: the first and the latest total with their change; no change where there is only one."""

    instrument: Instrument
    first: Result
    latest: Result
    count: int
    change: Change | None
    below_line: bool


@dataclass(frozen=True, slots=True)
class Helped:
    """How a step was rated before and after, on average: 0 to 10, less is easier."""

    name: str
    count: int
    before: float
    after: float


def effects(person_id: UUID) -> list[Effect]:
    """Every questionnaire that the person has sent at least once."""
    made = []
    for instrument in instruments.all_known().values():
        held = results(person_id, instrument.id)
        if held:
            made.append(_effect(instrument, held))
    return made


def _effect(instrument: Instrument, held: Sequence[Result]) -> Effect:
    first, latest = held[0], held[-1]
    change = scoring.change(instrument, first.score.total, latest.score.total) if len(held) > 1 else None
    return Effect(instrument, first, latest, len(held), change, bool(change and change.crossed_line))


def helped(person_id: UUID, language: str) -> list[Helped]:
    """What the person rated before and after at least twice, the largest relief first."""
    found = observations.series(person_id, ["rating"])["rating"]
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _at, payload in found:
        before, after, technique = payload.get("before"), payload.get("after"), payload.get("technique")
        if isinstance(before, int | float) and isinstance(after, int | float) and technique:
            pairs[str(technique)].append((float(before), float(after)))
    rows = []
    for technique, values in pairs.items():
        known = library.whole_library().techniques.get(technique)
        if known is not None and len(values) >= FEWEST_RATINGS:
            count = len(values)
            before_mean = sum(before for before, _after in values) / count
            after_mean = sum(after for _before, after in values) / count
            name = known.title.of("zh" if language == "zh" else "en")
            rows.append(Helped(name, count, round(before_mean, 1), round(after_mean, 1)))
    return sorted(rows, key=lambda row: row.after - row.before)
