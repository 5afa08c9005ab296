"""The sequences of each test, made from a seed: the same seed gives the same form, another one an alternate form.

`reaction` simple reaction time, `choice` left or right, `flanker` the arrow in the middle, `sart` press to every digit
but the 3, `nback` the letter of two before, `span` digits in their order.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

Cell = TypeVar("Cell")

KINDS = ("reaction", "choice", "flanker", "sart", "nback", "span")
GO, STAY = "go", "stay"
NO_GO_DIGIT = 3
BACK = 2
LETTERS = "BCDFGHJKLMPRSTVZ"
LONGEST_SPAN, SHORTEST_SPAN, TRIES_A_SPAN = 9, 3, 2


@dataclass(frozen=True, slots=True)
class Stimulus:
    """One trial: what is shown, what is right, how long nothing is shown before, and the group it is counted in."""

    show: str
    answer: str
    wait: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A test ready to be run. `limit`: ms until no answer counts as none; `shown`: ms that a stimulus stays, 0: until
    the answer."""

    kind: str
    seed: int
    warm_up: tuple[Stimulus, ...]
    trials: tuple[Stimulus, ...]
    limit: int
    shown: int

    def as_json(self) -> dict[str, Any]:
        """For the browser."""
        return asdict(self)


def form(kind: str, seed: int) -> Form:
    """The form of a test.

    Raises:
        KeyError: there is no such test.
    """
    make, count, warm_up, limit, shown = _MAKERS[kind]
    chance = random.Random(f"{kind}:{seed}")  # noqa: S311 - forms, no secrets
    first = tuple(make(random.Random(f"{kind}:warm-up:{seed}"), warm_up))  # noqa: S311
    return Form(kind, seed, first, tuple(make(chance, count)), limit, shown)


def _reaction(chance: random.Random, count: int) -> list[Stimulus]:
    return [Stimulus("dot", GO, chance.randrange(1200, 3200)) for _ in range(count)]


def _choice(chance: random.Random, count: int) -> list[Stimulus]:
    return [Stimulus(side, side, chance.randrange(600, 1300)) for side in _balanced(chance, ("left", "right"), count)]


def _flanker(chance: random.Random, count: int) -> list[Stimulus]:
    cells = [(side, group) for side in ("left", "right") for group in ("same", "different")]
    rows = []
    for side, group in _balanced(chance, cells, count):
        other = {"left": "right", "right": "left"}[side]
        flank = side if group == "same" else other
        rows.append(Stimulus(" ".join([flank, flank, side, flank, flank]), side, chance.randrange(600, 1200), group))
    return rows


def _sart(chance: random.Random, count: int) -> list[Stimulus]:
    """About one in nine is the 3; it never comes twice in a row nor first."""
    digits = [digit for digit in range(1, 10) for _ in range(max(1, count // 9))][:count]
    while True:
        chance.shuffle(digits)
        pairs = zip(digits, digits[1:], strict=False)
        if digits[0] != NO_GO_DIGIT and not any(one == other == NO_GO_DIGIT for one, other in pairs):
            break
    return [Stimulus(str(digit), STAY if digit == NO_GO_DIGIT else GO, 0, "digit") for digit in digits]


def _nback(chance: random.Random, count: int) -> list[Stimulus]:
    """About a third of the letters are those of two before; none of the others is by accident."""
    free = range(BACK, count)
    targets = set(chance.sample(free, round(len(free) / 3)))
    letters: list[str] = []
    for place in range(count):
        if place in targets:
            letters.append(letters[place - BACK])
        else:
            # Neither the target nor its neighbours: lures are left out, so that a press means one thing.
            near = set(letters[max(0, place - BACK - 1) :])
            letters.append(chance.choice([letter for letter in LETTERS if letter not in near]))
    return [
        Stimulus(letter, GO if place in targets else STAY, 0, "match" if place in targets else "other")
        for place, letter in enumerate(letters)
    ]


def _span(chance: random.Random, count: int) -> list[Stimulus]:
    """Two tries for each length; no digit twice in a row."""
    rows = []
    for place in range(count):
        length = min(SHORTEST_SPAN + place // TRIES_A_SPAN, LONGEST_SPAN)
        digits: list[int] = []
        while len(digits) < length:
            digit = chance.randrange(0, 10)
            if not digits or digits[-1] != digit:
                digits.append(digit)
        text = "".join(map(str, digits))
        rows.append(Stimulus(text, text, 800, str(length)))
    return rows


def _balanced(chance: random.Random, cells: Sequence[Cell], count: int) -> list[Cell]:
    rows = [cells[place % len(cells)] for place in range(count)]
    chance.shuffle(rows)
    return rows


Maker = Callable[[random.Random, int], list[Stimulus]]
# Maker, trials, warm-up trials, limit of an answer in ms, how long the stimulus stays in ms.
_MAKERS: dict[str, tuple[Maker, int, int, int, int]] = {
    "reaction": (_reaction, 24, 4, 1500, 0),
    "choice": (_choice, 40, 6, 1800, 0),
    "flanker": (_flanker, 48, 8, 1800, 0),
    "sart": (_sart, 90, 18, 1150, 300),
    "nback": (_nback, 42, 14, 2400, 700),
    "span": (_span, (LONGEST_SPAN - SHORTEST_SPAN + 1) * TRIES_A_SPAN, 1, 60000, 900),
}
