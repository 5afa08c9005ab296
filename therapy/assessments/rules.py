"""What single answers ask of us: the rules and the direct questions, from their data files."""

from __future__ import annotations

import operator
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ml.types import RiskLevel
from therapy.assessments.instruments import DATA, LANGUAGES, DataFault

FOLLOW_UP = "follow_up"
OPERATORS: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
}
ACTIONS = ("ask", "raise")


@dataclass(frozen=True, slots=True)
class ItemRule:
    """An answer that asks for something."""

    instrument: str
    item: int
    operator: str
    value: int
    action: str
    level: RiskLevel
    kind: str

    def is_met(self, value: int) -> bool:
        """Whether an answer meets it."""
        return OPERATORS[self.operator](value, self.value)


@dataclass(frozen=True, slots=True)
class Question:
    """One direct question. `says`: the answer as a sentence of the person's."""

    number: int
    asks: Mapping[str, str]
    options: Mapping[str, tuple[str, ...]]
    says: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def all_rules() -> tuple[ItemRule, ...]:
    """Every rule.

    Raises:
        DataFault: an unknown operator, action or level.
    """
    raw = tomllib.loads((DATA / "item_rules.toml").read_text(encoding="utf-8"))["rule"]
    made = []
    for entry in raw:
        if entry["operator"] not in OPERATORS or entry["action"] not in ACTIONS:
            raise DataFault(f"item rule of {entry['instrument']}: unknown operator or action")
        try:
            level = RiskLevel[entry["level"].upper()]
        except KeyError as error:
            raise DataFault(f"item rule of {entry['instrument']}: unknown level") from error
        made.append(ItemRule(**{**entry, "level": level}))
    return tuple(made)


@lru_cache(maxsize=1)
def questions() -> tuple[Question, ...]:
    """The direct questions, in their order.

    Raises:
        DataFault: the two languages do not fit each other.
    """
    raw = tomllib.loads((DATA / "follow_up.toml").read_text(encoding="utf-8"))["question"]
    made = []
    for number, entry in enumerate(raw, start=1):
        lengths = {len(entry[language][part]) for language in LANGUAGES for part in ("options", "says")}
        if len(lengths) != 1:
            raise DataFault(f"follow-up question {number}: options and sentences differ in number")
        made.append(
            Question(
                number,
                {language: entry[language]["asks"] for language in LANGUAGES},
                {language: tuple(entry[language]["options"]) for language in LANGUAGES},
                {language: tuple(entry[language]["says"]) for language in LANGUAGES},
            )
        )
    return tuple(made)


def met(instrument: str, answers: Mapping[int, int]) -> ItemRule | None:
    """The rule of the highest level that these answers meet; None where they ask for nothing."""
    found: Iterable[ItemRule] = (
        rule
        for rule in all_rules()
        if rule.instrument == instrument and rule.item in answers and rule.is_met(answers[rule.item])
    )
    return max(found, key=lambda rule: rule.level, default=None)
