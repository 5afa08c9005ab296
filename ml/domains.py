"""Domain packs: what an installation for study, work, games and screens, social anxiety or sleep changes. No code.

A pack is one TOML file in `ml/data/domains`. It is read whole and refused with every fault if anything is wrong. Doors
for others: `Domain.weight_of(problem)` for plans, `Domain.prompt` for the companion, `Domain.practices` for their
order, `Domain.welcome` and `Domain.reason_hint` for the first pages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ml.planning.library import load
from ml.planning.records import Bilingual

FOLDER = Path(__file__).resolve().parent / "data" / "domains"
DEFAULT = "general"
TESTS = ("reaction", "choice", "flanker", "sart", "nback", "span")
LIGHTEST, HEAVIEST = 0.5, 2.0
LONGEST_TEXT = 600
_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
_TEXTS = ("title", "welcome", "reason_hint", "practice_intro", "prompt")
_FIELDS = frozenset({*_TEXTS, "practices", "tests", "weights"})


class DomainError(ValueError):
    """A pack cannot be used. `faults` lists everything that is wrong."""

    def __init__(self, name: str, faults: list[str]) -> None:
        super().__init__(f"domain {name!r}: " + "; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Domain:
    """One pack. `prompt` is empty where the companion speaks as always; `weights` holds only what differs from 1."""

    name: str
    title: Bilingual
    welcome: Bilingual
    reason_hint: Bilingual
    practice_intro: Bilingual
    prompt: Bilingual
    practices: tuple[str, ...]
    tests: tuple[str, ...]
    weights: Mapping[str, float]

    def weight_of(self, problem: str) -> float:
        """How much more (above 1) or less a problem counts in this domain."""
        return self.weights.get(problem, 1.0)


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of all packs there are."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def domain(name: str, folder: Path = FOLDER) -> Domain:
    """The pack of that name.

    Raises:
        DomainError: there is none, or something in it is wrong.
    """
    path = folder / f"{name}.toml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise DomainError(name, [f"is not one of {', '.join(names(folder))}"])
    try:
        row = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DomainError(name, [f"is not TOML ({error})"]) from error
    faults = [f"{field} is not known" for field in sorted(set(row) - _FIELDS)]
    texts = {field: _bilingual(row, field, faults) for field in _TEXTS}
    practices, problems = _known()
    pack = Domain(
        name=name,
        practices=_names(row, "practices", practices, faults),
        tests=_names(row, "tests", frozenset(TESTS), faults),
        weights=_weights(row.get("weights", {}), problems, faults),
        **texts,
    )
    if faults:
        raise DomainError(name, faults)
    return pack


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """Practices and problems of the library."""
    library = load()
    return frozenset(library.practices), frozenset(edge.source for edge in library.problem_edges)


def _bilingual(row: Mapping[str, object], field: str, faults: list[str]) -> Bilingual:
    value = row.get(field)
    texts = value if isinstance(value, Mapping) else {}
    both = [texts.get(language) for language in ("en", "zh")]
    may_be_empty = field in ("prompt", "welcome", "reason_hint")
    for language, text in zip(("en", "zh"), both, strict=True):
        if not isinstance(text, str) or len(text) > LONGEST_TEXT or not (text.strip() or may_be_empty):
            faults.append(f"{field}.{language} must be a text of at most {LONGEST_TEXT} characters")
    if bool(str(both[0] or "").strip()) != bool(str(both[1] or "").strip()):
        faults.append(f"{field} stands in one language only")
    return Bilingual(str(both[0] or "").strip(), str(both[1] or "").strip())


def _names(row: Mapping[str, object], field: str, known: frozenset[str], faults: list[str]) -> tuple[str, ...]:
    value = row.get(field)
    if not isinstance(value, list) or not value:
        faults.append(f"{field} must be a list that is not empty")
        return ()
    found = tuple(str(name) for name in value)
    faults.extend(f"{field}: {name!r} is not known" for name in found if name not in known)
    if len(set(found)) != len(found):
        faults.append(f"{field}: something stands there twice")
    return found


def _weights(value: object, known: frozenset[str], faults: list[str]) -> dict[str, float]:
    if not isinstance(value, Mapping):
        faults.append("weights must be a table")
        return {}
    found: dict[str, float] = {}
    for problem, weight in value.items():
        if problem not in known:
            faults.append(f"weights: {problem!r} is no problem of the library")
        elif isinstance(weight, bool) or not isinstance(weight, int | float) or not LIGHTEST <= weight <= HEAVIEST:
            faults.append(f"weights.{problem} must be between {LIGHTEST} and {HEAVIEST}")
        else:
            found[str(problem)] = float(weight)
    return found
