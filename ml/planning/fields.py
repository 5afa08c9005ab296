"""Reading one JSON record field by field: every fault is noted with its place, none stops the reading."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ml.planning.records import Bilingual, BilingualLines

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{1,59}")


class Fields:
    """One record under validation. Readers give back a harmless value after noting a fault in `faults`."""

    def __init__(self, place: str, row: object, faults: list[str]) -> None:
        self.place = place
        self._faults = faults
        self._row: Mapping[str, object] = row if isinstance(row, Mapping) else {}
        self._read: set[str] = set()
        if not isinstance(row, Mapping):
            self.fault("", "is not an object")

    def __contains__(self, field: str) -> bool:
        return field in self._row

    def inner(self, field: str, row: object) -> Fields:
        """A record inside this one."""
        return Fields(f"{self.place}.{field}", row, self._faults)

    def fault(self, field: str, text: str) -> None:
        """Note a fault at this record."""
        self._faults.append(f"{self.place}{'.' if field else ''}{field}: {text}")

    def value(self, field: str) -> object:
        """The raw value; a missing field is a fault."""
        self._read.add(field)
        if field not in self._row:
            self.fault(field, "is missing")
        return self._row.get(field)

    def text(self, field: str) -> str:
        """A text that is not blank."""
        value = self.value(field)
        if not isinstance(value, str) or not value.strip():
            self.fault(field, "must be a text that is not empty")
            return ""
        return value

    def id(self) -> str:
        """The record's id: small letters, digits, `-` and `_`; becomes part of the place of later faults."""
        value = self.text("id")
        if value and not _ID.fullmatch(value):
            self.fault("id", f"{value!r} must be 2 to 60 small letters, digits, - or _")
        self.place = f"{self.place} ({value})"
        return value

    def number(self, field: str, low: float, high: float) -> float:
        """A number within [low, high]."""
        value = self.value(field)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.fault(field, f"must be a number from {low:g} to {high:g}, not {value!r}")
            return low
        return value

    def integer(self, field: str, low: int, high: int) -> int:
        """A whole number within [low, high]."""
        value = self.number(field, low, high)
        if value != int(value):
            self.fault(field, f"must be a whole number, not {value!r}")
        return int(value)

    def choice(self, field: str, allowed: Collection[str]) -> str:
        """One of `allowed`."""
        value = self.text(field)
        if value and value not in allowed:
            self.fault(field, f"{value!r} is not one of {', '.join(sorted(allowed))}")
        return value

    def names(
        self, field: str, allowed: Collection[str] | None = None, *, may_be_empty: bool = False
    ) -> tuple[str, ...]:
        """A list of names without doubles, each one of `allowed` if given."""
        value = self.value(field)
        if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
            self.fault(field, "must be a list of names")
            return ()
        if not value and not may_be_empty:
            self.fault(field, "must not be empty")
        if len(set(value)) != len(value):
            self.fault(field, "names something twice")
        for name in value:
            if allowed is not None and name not in allowed:
                self.fault(field, f"{name!r} is not known")
        return tuple(value)

    def bilingual(self, field: str) -> Bilingual:
        """A text in en and zh."""
        inner = self.inner(field, self.value(field))
        result = Bilingual(inner.text("en"), inner.text("zh"))
        inner.end()
        return result

    def lines(self, field: str) -> BilingualLines:
        """A list of lines in en and zh."""
        inner = self.inner(field, self.value(field))
        result = BilingualLines(inner.names("en"), inner.names("zh"))
        inner.end()
        return result

    def end(self) -> None:
        """Fields that nobody read are faults: a misspelt name must not pass."""
        for field in sorted(set(self._row) - self._read):
            self.fault(field, "is not a known field")
