"""A practice laid out in time: its phases in the chosen length, with each line of the script at its second.

Pure; the player in the browser follows what is laid out here and only ever adds time at the end of a phase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ml.planning.records import Phase, Practice
from ml.types import Language

# A line needs so long to be read aloud and to sink in.
LEAST_SECONDS_A_LINE = 6.0
LEAST_SECONDS_A_PHASE = 15


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the script and the second of its phase at which it begins."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A phase as it will be played."""

    phase: str
    seconds: int
    extra: int
    pacer: dict[str, float]
    lines: tuple[Line, ...]


def lengths(practice: Practice, minutes: int) -> tuple[int, ...]:
    """Seconds of each phase so that the whole lasts `minutes`; proportions are those of the middle length."""
    middle = sum(phase.seconds for phase in practice.phases)
    whole = minutes * 60
    scaled = [max(LEAST_SECONDS_A_PHASE, round(phase.seconds * whole / middle)) for phase in practice.phases]
    # What rounding took or gave goes to the longest phase, so that the promise of the length is kept.
    longest = scaled.index(max(scaled))
    scaled[longest] += whole - sum(scaled)
    return tuple(scaled)


def lay_out(practice: Practice, language: Language, seconds: Sequence[int], extra: Sequence[int]) -> tuple[Part, ...]:
    """The phases with their lines. `seconds` and `extra` have one entry per phase."""
    return tuple(
        Part(phase.phase, length, more, dict(phase.pacer), _lines(phase, language, length))
        for phase, length, more in zip(practice.phases, seconds, extra, strict=True)
    )


def cycle_of(pacer: dict[str, float]) -> float:
    """Seconds of one whole breath; 0 where breathing is free."""
    return float(sum(pacer.values()))


def _lines(phase: Phase, language: Language, seconds: int) -> tuple[Line, ...]:
    script = phase.script.of(language)
    cycle = cycle_of(dict(phase.pacer))
    # With a pacer lines begin with an in-breath, else they are spread evenly.
    step = cycle or LEAST_SECONDS_A_LINE
    slots = max(1, int(seconds // step))
    kept = _spread(script, slots)
    if cycle:
        return tuple(Line(round(index * slots / len(kept)) * cycle, text) for index, text in enumerate(kept))
    return tuple(Line(round(index * seconds / len(kept), 1), text) for index, text in enumerate(kept))


def _spread(script: Sequence[str], most: int) -> tuple[str, ...]:
    """At most `most` lines, first and last kept, the others evenly."""
    if len(script) <= most:
        return tuple(script)
    if most == 1:
        return (script[0],)
    return tuple(script[round(index * (len(script) - 1) / (most - 1))] for index in range(most))
