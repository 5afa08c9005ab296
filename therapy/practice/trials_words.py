"""Words of the cognitive tests: what each is, how to do it, its numbers, and what may be said about a change."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ml.cognition.practice_effect import Comparison
from ml.cognition.scoring import Score


@dataclass(frozen=True, slots=True)
class TestText:
    """One test in words. `caveat`: how far its numbers can be trusted."""

    __test__ = False

    title: Promise
    what: Promise
    how: Promise
    minutes: int
    caveat: Promise


TEXTS: dict[str, TestText] = {
    "reaction": TestText(
        gettext_lazy("Simple reaction"),
        gettext_lazy("How quickly you notice that something is there."),
        gettext_lazy("Press the space bar, or touch the field, as soon as the circle appears. Not before."),
        2,
        gettext_lazy("Fairly steady from day to day. Screens and keyboards add 10 to 80 ms of their own."),
    ),
    "choice": TestText(
        gettext_lazy("Left or right"),
        gettext_lazy("How quickly you decide between two answers."),
        gettext_lazy("Press the arrow key, or touch the side, that the arrow points to."),
        2,
        gettext_lazy("Fairly steady. Compare only results from the same device."),
    ),
    "flanker": TestText(
        gettext_lazy("Arrow in the middle"),
        gettext_lazy("How well you keep to one thing while others pull elsewhere."),
        gettext_lazy("Five arrows appear. Answer only to the one in the middle: left or right."),
        3,
        gettext_lazy("Times are fairly steady; the difference between easy and hard rows is not."),
    ),
    "sart": TestText(
        gettext_lazy("Every digit but the 3"),
        gettext_lazy("How attention holds while little happens."),
        gettext_lazy("Press for each digit, except for the 3. Keep a steady pace; slips are normal."),
        3,
        gettext_lazy("Counts few slips, so one or two more or fewer mean little."),
    ),
    "nback": TestText(
        gettext_lazy("Same as two before"),
        gettext_lazy("How you hold and renew a short list in your mind."),
        gettext_lazy("Letters follow one another. Press when a letter is the same as the one two before it."),
        3,
        gettext_lazy("Learns quickly: the first repetitions improve by themselves."),
    ),
    "span": TestText(
        gettext_lazy("Rows of digits"),
        gettext_lazy("How long a row you can repeat in its order."),
        gettext_lazy("Watch the digits, then type them in the same order. The rows grow until two in a row go wrong."),
        4,
        gettext_lazy("Moves in whole steps, so a change of one is within the usual."),
    ),
}
VALUES: dict[str, Promise] = {
    "median_ms": gettext_lazy("Typical answer, ms"),
    "slow": gettext_lazy("Slow or missing answers"),
    "spread_ms": gettext_lazy("Spread, ms"),
    "right_share": gettext_lazy("Right answers, %"),
    "same_ms": gettext_lazy("When all point one way, ms"),
    "different_ms": gettext_lazy("When the others pull away, ms"),
    "cost_ms": gettext_lazy("What the pull costs, ms"),
    "slip_share": gettext_lazy("Presses at the 3, %"),
    "miss_share": gettext_lazy("Missed digits, %"),
    "unevenness": gettext_lazy("Unevenness of the pace, %"),
    "sharpness": gettext_lazy("How well matches stand out (0 is guessing, 3 is very well)"),
    "hit_share": gettext_lazy("Matches found, %"),
    "alarm_share": gettext_lazy("Presses without a match, %"),
    "longest": gettext_lazy("Longest row"),
    "right": gettext_lazy("Rows that were right"),
}
REASONS: dict[str, Promise] = {
    "too_few": gettext_lazy("Too few answers for a result. That happens; it says nothing about you."),
    "too_early": gettext_lazy("Many answers came before anything was there, so this run does not count."),
    "guessing": gettext_lazy("The answers look like chance; perhaps the task was not clear. This run does not count."),
}
PERCENT = frozenset({"right_share", "slip_share", "miss_share", "unevenness", "hit_share", "alarm_share"})


def rows(score: Score) -> list[tuple[str, str]]:
    """Each value with its name, the main one first."""
    names = sorted(score.values, key=lambda name: name != score.main)
    return [(str(VALUES[name]), shown(name, score.values[name])) for name in names if name in VALUES]


def shown(name: str, value: float) -> str:
    """A value as the page shows it."""
    if name in PERCENT:
        return f"{value * 100:.0f}"
    return f"{value:.1f}" if name == "sharpness" else f"{value:.0f}"


def left_out(score: Score) -> list[str]:
    """What was not counted, in words."""
    texts = {
        "hidden": _("%(count)s not counted: the page was hidden."),
        "anticipation": _("%(count)s not counted: faster than 150 ms, so begun before anything was there."),
    }
    return [text % {"count": score.left_out[key]} for key, text in texts.items() if score.left_out.get(key)]


def reasons(score: Score) -> list[str]:
    """Why a run does not count."""
    return [str(REASONS[code]) for code in score.reasons if code in REASONS]


def change(score: Score, found: Comparison | None) -> str:
    """A change beside what repetition explains: never good or bad, never why."""
    if found is None:
        return ""
    unit = 100 if score.main in PERCENT else 1
    digits = 1 if score.main == "sharpness" else 0
    numbers = {
        "change": f"{found.change * unit:+.{digits}f}",
        "middle": f"{found.expected.middle * unit:+.{digits}f}",
        "low": f"{found.expected.low * unit:+.{digits}f}",
        "high": f"{found.expected.high * unit:+.{digits}f}",
    }
    texts = {
        "within": _(
            "Changed by %(change)s since last time. Repeating the test alone explains about %(middle)s, and 8 of 10 "
            "people lie between %(low)s and %(high)s. So this is within the usual."
        ),
        "better": _(
            "Changed by %(change)s since last time, more than repeating the test alone explains for most people "
            "(%(low)s to %(high)s). Sleep, time of day and chance can do that, too."
        ),
        "worse": _(
            "Changed by %(change)s since last time, outside of what most people show on repeating (%(low)s to "
            "%(high)s). Tiredness, noise or another device can do that. It says nothing about who you are."
        ),
    }
    return texts[found.place] % numbers
