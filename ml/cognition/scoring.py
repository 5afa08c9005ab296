"""From the trials of a test to its scores, with the rules of what is left out. The server counts by these again.

An answer faster than 150 ms was on its way before the stimulus: an anticipation. No answer within the limit is a lapse.
Trials during which the page was hidden are left out and said to be.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

from ml.cognition.forms import GO, STAY, Form

ANTICIPATION = 150.0  # ms
SLOW = 500.0  # ms: slow answers of the simple reaction are counted, as in vigilance tests
# With fewer usable trials, or more guesses than this, the result says nothing.
LEAST_USED, MOST_ANTICIPATED, LEAST_RIGHT = 0.7, 0.2, 0.6
# Of Go/no-go tests: less than this share of answers to what asks for one means that nobody was playing.
LEAST_ANSWERED = 0.6


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser saw in one trial. `key` empty: no answer."""

    index: int
    key: str = ""
    ms: float | None = None
    was_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """Values by name; `main` is the one to look at. `reasons` say why a result is not usable; `left_out` counts."""

    kind: str
    main: str
    values: dict[str, float]
    used: int
    left_out: dict[str, int]
    reasons: tuple[str, ...]

    @property
    def is_usable(self) -> bool:
        """Whether it may be compared with anything."""
        return not self.reasons

    def as_dict(self) -> dict[str, Any]:
        """For storage."""
        return asdict(self)


def from_dict(stored: Mapping[str, Any]) -> Score:
    """From storage."""
    return Score(**{**stored, "reasons": tuple(stored["reasons"])})


def read_answers(rows: object, count: int) -> tuple[Answer, ...]:
    """Answers from what a browser sent; anything malformed is refused whole.

    Raises:
        ValueError: it is no list of answers, or an answer belongs to no trial, or one came twice.
    """
    if not isinstance(rows, list) or len(rows) > count:
        raise ValueError("answers must be a list, one for each trial at most")
    found: dict[int, Answer] = {}
    for row in rows:
        if not isinstance(row, Mapping):
            raise ValueError("an answer must be an object")
        index, key, ms = row.get("i"), row.get("key", ""), row.get("ms")
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < count or index in found:
            raise ValueError("an answer belongs to no trial, or came twice")
        if not isinstance(key, str) or len(key) > 12:
            raise ValueError("a key must be a short text")
        if ms is not None and (isinstance(ms, bool) or not isinstance(ms, int | float) or not 0 <= ms < 600_000):
            raise ValueError("a time must be in milliseconds")
        found[index] = Answer(index, key, None if ms is None else float(ms), row.get("hidden") is True)
    return tuple(found[index] for index in sorted(found))


def score(form: Form, answers: Sequence[Answer]) -> Score:
    """The scores of one run of a form."""
    count = {"reaction": _reaction, "choice": _sides, "flanker": _flanker, "sart": _go, "nback": _nback}
    return _span(form, answers) if form.kind == "span" else count[form.kind](form, answers)


def _sort(form: Form, answers: Sequence[Answer]) -> tuple[list[Answer], dict[str, int]]:
    """Usable answers, and how many trials were left out by reason; lapses stay among the usable ones."""
    left_out = {"hidden": 0, "anticipation": 0, "missing": 0}
    used = []
    for answer in answers:
        if answer.was_hidden:
            left_out["hidden"] += 1
        elif answer.key and answer.ms is not None and answer.ms < ANTICIPATION:
            left_out["anticipation"] += 1
        else:
            used.append(answer)
    left_out["missing"] = len(form.trials) - len(answers)
    return used, left_out


def _reasons(form: Form, used: Sequence[Answer], left_out: Mapping[str, int]) -> list[str]:
    reasons = []
    if len(used) < LEAST_USED * len(form.trials):
        reasons.append("too_few")
    if left_out["anticipation"] > MOST_ANTICIPATED * len(form.trials):
        reasons.append("too_early")
    return reasons


def _times(answers: Sequence[Answer]) -> list[float]:
    return [answer.ms for answer in answers if answer.key and answer.ms is not None]


def _median(times: Sequence[float]) -> float:
    return round(statistics.median(times), 1) if times else 0.0


def _reaction(form: Form, answers: Sequence[Answer]) -> Score:
    used, left_out = _sort(form, answers)
    times = _times(used)
    lapses = sum(not answer.key for answer in used)
    values = {
        "median_ms": _median(times),
        "slow": float(sum(time > SLOW for time in times) + lapses),
        "spread_ms": round(statistics.pstdev(times), 1) if times else 0.0,
    }
    reasons = _reasons(form, used, left_out)
    if len(times) < LEAST_ANSWERED * len(form.trials) and "too_few" not in reasons:
        reasons.append("too_few")
    return Score(form.kind, "median_ms", values, len(used), left_out, tuple(reasons))


def _sides(form: Form, answers: Sequence[Answer]) -> Score:
    used, left_out = _sort(form, answers)
    right = [answer for answer in used if answer.key == form.trials[answer.index].answer]
    accuracy = len(right) / len(used) if used else 0.0
    values = {"median_ms": _median(_times(right)), "right_share": round(accuracy, 3)}
    reasons = _reasons(form, used, left_out)
    if accuracy < LEAST_RIGHT:
        reasons.append("guessing")
    return Score(form.kind, "median_ms", values, len(used), left_out, tuple(reasons))


def _flanker(form: Form, answers: Sequence[Answer]) -> Score:
    plain = _sides(form, answers)
    used, _ = _sort(form, answers)
    medians = {}
    for group in ("same", "different"):
        rows = [answer for answer in used if form.trials[answer.index].group == group]
        medians[group] = _median(_times([row for row in rows if row.key == form.trials[row.index].answer]))
    values = plain.values | {
        "same_ms": medians["same"],
        "different_ms": medians["different"],
        "cost_ms": round(medians["different"] - medians["same"], 1),
    }
    return Score(form.kind, "median_ms", values, plain.used, plain.left_out, plain.reasons)


def _go(form: Form, answers: Sequence[Answer]) -> Score:
    """Press to all but one: slips are presses to that one, misses are missing presses to the others."""
    used, left_out = _sort(form, answers)
    asked = [answer for answer in used if form.trials[answer.index].answer == GO]
    held = [answer for answer in used if form.trials[answer.index].answer == STAY]
    times = _times(asked)
    answered = len(times) / len(asked) if asked else 0.0
    slips = sum(bool(answer.key) for answer in held) / len(held) if held else 0.0
    mean = statistics.fmean(times) if times else 0.0
    values = {
        "slip_share": round(slips, 3),
        "miss_share": round(1 - answered, 3),
        "median_ms": _median(times),
        "unevenness": round(statistics.pstdev(times) / mean, 3) if mean else 0.0,
    }
    reasons = _reasons(form, used, left_out)
    if answered < LEAST_ANSWERED:
        reasons.append("guessing")
    return Score(form.kind, "slip_share", values, len(used), left_out, tuple(reasons))


def _nback(form: Form, answers: Sequence[Answer]) -> Score:
    """How well matches are told from others: d' with the log-linear correction, so that perfect runs stay finite."""
    used, left_out = _sort(form, answers)
    targets = [answer for answer in used if form.trials[answer.index].answer == GO]
    others = [answer for answer in used if form.trials[answer.index].answer == STAY]
    hits = sum(bool(answer.key) for answer in targets)
    alarms = sum(bool(answer.key) for answer in others)
    inverse = NormalDist().inv_cdf
    sharpness = inverse((hits + 0.5) / (len(targets) + 1)) - inverse((alarms + 0.5) / (len(others) + 1))
    values = {
        "sharpness": round(sharpness, 2),
        "hit_share": round(hits / len(targets), 3) if targets else 0.0,
        "alarm_share": round(alarms / len(others), 3) if others else 0.0,
        "median_ms": _median(_times([answer for answer in targets if answer.key])),
    }
    reasons = _reasons(form, used, left_out)
    if sharpness < 0.3:
        reasons.append("guessing")
    return Score(form.kind, "sharpness", values, len(used), left_out, tuple(reasons))


def _span(form: Form, answers: Sequence[Answer]) -> Score:
    """The longest row that was right at least once; the run ends after both rows of a length went wrong."""
    seen = [answer for answer in answers if not answer.was_hidden]
    right = [answer for answer in seen if answer.key and answer.key == form.trials[answer.index].answer[:12]]
    longest = max((len(form.trials[answer.index].answer) for answer in right), default=0)
    left_out = {"hidden": len(answers) - len(seen), "anticipation": 0, "missing": 0}
    reasons = () if len(seen) >= 2 else ("too_few",)
    return Score(
        form.kind, "longest", {"longest": float(longest), "right": float(len(right))}, len(seen), left_out, reasons
    )
