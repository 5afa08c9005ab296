"""The questionnaires as data: wording, order of answers, ranges, what counts as a change. Read once, checked whole.

Nothing here knows a person. A changed wording or range is a new `version` in the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

DATA = Path(__file__).parent / "data"
KNOWN = ("phq9", "gad7", "who5", "pss10")
LANGUAGES = ("en", "zh")


class DataFault(ValueError):
    """A data file does not hold together; the product does not start with it."""


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one language."""

    name: str
    about: str
    asks: str
    items: tuple[str, ...]
    options: tuple[str, ...]
    bands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extra:
    """A question after the items that does not count."""

    id: str
    values: tuple[int, ...]
    asks: Mapping[str, str]
    options: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Band:
    """A range of totals, both ends within."""

    number: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """One questionnaire. `line`: the total from which (or below which) the source speaks of a notable amount."""

    id: str
    version: str
    reviewed: bool
    minutes: int
    scale: str
    step: int
    is_more_worse: bool
    lowest: int
    highest: int
    line: int | None
    reliable: int
    margin: float
    change_source: str
    source: Mapping[str, Any]
    values: tuple[int, ...]
    reversed: frozenset[int]
    bands: tuple[Band, ...]
    texts: Mapping[str, Text]
    extra: Extra | None

    @property
    def count(self) -> int:
        """Items that count."""
        return len(self.texts["en"].items)

    @property
    def screens(self) -> int:
        """Questions that are asked, the extra one included."""
        return self.count + (1 if self.extra else 0)

    def text(self, language: str) -> Text:
        """The words in a language; English where it is not known."""
        return self.texts["zh" if language.startswith("zh") else "en"]

    def band_of(self, total: int) -> Band:
        """The range that a total lies in."""
        return next(band for band in reversed(self.bands) if total >= band.first)


def _require(holds: bool, name: str, what: str) -> None:
    if not holds:
        raise DataFault(f"{name}: {what}")


def _text(raw: Mapping[str, Any]) -> Text:
    return Text(
        name=raw["name"],
        about=raw["about"],
        asks=raw["asks"],
        items=tuple(raw["items"]),
        options=tuple(raw["options"]),
        bands=tuple(raw["bands"]),
    )


def _extra(raw: Mapping[str, Any] | None) -> Extra | None:
    if raw is None:
        return None
    return Extra(
        id=raw["id"],
        values=tuple(raw["values"]),
        asks={language: raw[language]["asks"] for language in LANGUAGES},
        options={language: tuple(raw[language]["options"]) for language in LANGUAGES},
    )


def _bands(starts: Sequence[int], highest: int, step: int) -> tuple[Band, ...]:
    ends = [start - step for start in starts[1:]] + [highest]
    return tuple(Band(number, first, last) for number, (first, last) in enumerate(zip(starts, ends, strict=True)))


def parse(raw: Mapping[str, Any]) -> Instrument:
    """An instrument from the tables of its file.

    Raises:
        DataFault: something is missing or does not fit together.
    """
    name = str(raw.get("id", "?"))
    try:
        scoring, change = raw["scoring"], raw["change"]
        made = Instrument(
            id=raw["id"],
            version=raw["version"],
            reviewed=raw["reviewed"],
            minutes=raw["minutes"],
            scale=raw["scale"],
            step=raw["step"],
            is_more_worse=raw["higher_is"] == "worse",
            lowest=raw["lowest"],
            highest=raw["highest"],
            line=raw.get("line"),
            reliable=change["reliable"],
            margin=change["margin"],
            change_source=change["source"],
            source=raw["source"],
            values=tuple(scoring["values"]),
            reversed=frozenset(scoring["reversed"]),
            bands=_bands(scoring["bands_from"], raw["highest"], raw["step"]),
            texts={language: _text(raw["text"][language]) for language in LANGUAGES},
            extra=_extra(raw.get("extra")),
        )
    except (KeyError, TypeError) as error:
        raise DataFault(f"{name}: {error} is missing or wrong") from error
    _check(made)
    return made


def _check(made: Instrument) -> None:
    name = made.id
    for language, text in made.texts.items():
        _require(len(text.items) == made.count, name, f"items of {language}")
        _require(len(text.options) == len(made.values), name, f"options of {language}")
        _require(len(text.bands) == len(made.bands), name, f"bands of {language}")
        _require(
            all((*text.items, *text.options, *text.bands, text.asks, text.about)), name, f"empty text in {language}"
        )
    _require(made.scale in ("sum", "percent"), name, "scale")
    _require(made.bands[0].first == made.lowest, name, "the first band begins at the lowest total")
    _require(all(band.first <= band.last for band in made.bands), name, "bands in order")
    _require(made.highest == made.count * max(made.values) * made.step, name, "highest total")
    _require(all(1 <= item <= made.count for item in made.reversed), name, "reversed items")
    _require(all(made.source.get(key) for key in ("authors", "licence", "translation_zh")), name, "source")
    if made.extra:
        fits = all(len(options) == len(made.extra.values) for options in made.extra.options.values())
        _require(fits, name, "options of the extra question")


@lru_cache(maxsize=1)
def all_known() -> Mapping[str, Instrument]:
    """Every questionnaire of the repository, offered or not, so that old results can always be read."""
    return {name: parse(tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))) for name in KNOWN}


def offered() -> tuple[Instrument, ...]:
    """What this installation offers, in the order of the settings."""
    known = all_known()
    return tuple(known[name] for name in settings.ASSESSMENT_INSTRUMENTS if name in known)


def find(name: str) -> Instrument | None:
    """One that is offered here."""
    return next((instrument for instrument in offered() if instrument.id == name), None)


def known(name: str) -> Instrument | None:
    """One that has ever been offered; for results that are there already."""
    return all_known().get(name)
