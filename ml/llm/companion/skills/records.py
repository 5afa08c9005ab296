"""The skills as data: reads `ml/data/skills/<language>/*.toml` into frozen records. Knows no conversation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ml.types import Language

FOLDER = Path(__file__).resolve().parents[3] / "data" / "skills"
NAMES = ("breathing", "grounding", "thought_record", "problem_solving", "values", "wind_down", "scaling")
Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One authored wording. `kind`: offer, ask, again, help, rate, rate_again or next hold the place in a skill."""

    id: str
    kind: str
    step: int
    text: str
    is_zero: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One question. `expects`: done, words, list or number; `is_brief`: a long answer is about something else."""

    id: str
    expects: str
    least: int
    is_brief: bool
    asks: tuple[Line, ...]
    agains: tuple[Line, ...]
    helps: tuple[Line, ...]
    acks: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Skill:
    """A guided skill in one language; `recap` holds wordings with slots named after steps, and one without."""

    id: str
    language: Language
    name: str
    begins: tuple[Pattern, ...]
    at_once: Pattern | None
    fits: Mapping[str, frozenset[str]]
    offers: tuple[Line, ...]
    steps: tuple[Step, ...]
    recap: tuple[tuple[Line, Line | None], ...]
    nexts: tuple[Line, ...]
    review: str


@dataclass(frozen=True, slots=True)
class Common:
    """What all skills of a language share: wordings by kind, and patterns by name."""

    lines: Mapping[str, tuple[Line, ...]]
    patterns: Mapping[str, Pattern]


@dataclass(frozen=True, slots=True)
class Skills:
    """All skills of one language. `places` are the lines that show where in a skill a talk is."""

    skills: tuple[Skill, ...]
    common: Common
    places: tuple[tuple[str, Line], ...] = field(repr=False)

    def asked_for(self, folded: str) -> Skill | None:
        """The skill that a message asks for by name; `folded` as `lexicon.plain` gives it."""
        if self.common.patterns["not_asking"].search(folded):
            return None
        return next((s for s in self.skills if any(pattern.search(folded) for pattern in s.begins)), None)

    def of(self, skill_id: str) -> Skill:
        """The skill of that name."""
        return next(skill for skill in self.skills if skill.id == skill_id)


@lru_cache(maxsize=2)
def load_skills(language: Language) -> Skills:
    """Read all skills of a language."""
    common = _common(_read(language, "common"))
    skills = tuple(_skill(name, language, _read(language, name), common) for name in NAMES)
    places = [(skill.id, line) for skill in skills for line in _places(skill)]
    return Skills(skills, common, tuple(sorted(places, key=lambda place: -len(place[1].text))))


def _read(language: Language, name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / language / f"{name}.toml").read_text(encoding="utf-8"))


def _common(row: Mapping[str, Any]) -> Common:
    return Common(
        lines={kind: _lines("common", 0, kind, texts) for kind, texts in row["lines"].items()},
        patterns={name: re.compile(pattern) for name, pattern in row["patterns"].items()},
    )


def _skill(name: str, language: Language, row: Mapping[str, Any], common: Common) -> Skill:
    steps = tuple(_step(name, place, item) for place, item in enumerate(row["step"]))
    return Skill(
        id=name,
        language=language,
        name=row["name"],
        begins=tuple(re.compile(pattern) for pattern in _begins(row["names"], common)),
        at_once=re.compile(row["at_once"]) if "at_once" in row else None,
        fits={key: frozenset(values) for key, values in row["fits"].items()},
        offers=_lines(name, 0, "offer", row["offers"]),
        steps=steps,
        recap=tuple(_recap(name, number, item) for number, item in enumerate(row["recap"])),
        nexts=_lines(name, len(steps), "next", row.get("next", ())),
        review=row["review"],
    )


def _begins(names: Iterable[str], common: Common) -> list[str]:
    """A name with a word of asking before it, or a message that is next to nothing but the name."""
    named = f"(?:{'|'.join(names)})"
    request, alone = common.patterns["request"].pattern, common.patterns["alone"].pattern
    return [f"(?:{request}).{{0,24}}{named}", alone.replace("NAME", named)]


def _step(skill: str, place: int, row: Mapping[str, Any]) -> Step:
    zero = _lines(skill, place, "zero", row.get("zero", ()))
    return Step(
        id=row["id"],
        expects=row["expects"],
        least=int(row.get("least", 1)),
        is_brief=bool(row.get("brief", False)),
        asks=(
            *_lines(skill, place, "ask", row["asks"]),
            *(Line(line.id, "ask", place, line.text, is_zero=True) for line in zero),
        ),
        agains=_lines(skill, place, "again", row["agains"]),
        helps=_lines(skill, place, "help", row["helps"]),
        acks=_lines(skill, place, "ack", row.get("acks", ())),
    )


def _recap(skill: str, number: int, row: list[str]) -> tuple[Line, Line | None]:
    lines = _lines(skill, number, "recap", row)
    return lines[0], lines[1] if len(lines) > 1 else None


def _lines(skill: str, place: int, kind: str, texts: Iterable[str]) -> tuple[Line, ...]:
    return tuple(Line(f"skill:{skill}.{place}.{kind}.{number}", kind, place, text) for number, text in enumerate(texts))


def _places(skill: Skill) -> list[Line]:
    asked = [line for step in skill.steps for line in (*step.asks, *step.agains, *step.helps)]
    return [*skill.offers, *asked, *skill.nexts]
