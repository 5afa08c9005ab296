"""The journal as a CSV file, out and in. The columns are described in docs/journal-and-memory.md.

In: all rows or none, with every fault named by row and column. Out: no cell begins like a formula of a spreadsheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from therapy.core.errors import ApplicationError
from therapy.journal import moments
from therapy.journal.readings import Reading
from therapy.journal.selectors import EntryView

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

COLUMNS = (
    "date", "time", "offset", "pleasant", "stirred", "words", "sleep_hours", "sleep_quality", "energy", "activities",
    "note",
)  # fmt: skip
MOST_BYTES, MOST_ROWS, MOST_PROBLEMS = 2_000_000, 10_000, 40
# A spreadsheet takes a cell that begins like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_COLUMN_OF = {"valence": "pleasant", "arousal": "stirred", "text": "note", "nothing_said": ""}
_NOON = "12:00"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: the row as a spreadsheet counts it (the header is row 1), the column, what is wrong."""

    row: int
    column: str
    text: str


@dataclass(slots=True)
class Parsed:
    """What a file holds. Rows count only where there is no problem."""

    rows: list[tuple[datetime, Reading]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, row: int, column: str, text: str | _StrPromise) -> None:
        """Note a fault; after many of them one more does not help."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(row, column, str(text)))


class _Written(csv.excel):
    """Every cell in quotation marks, so that no spreadsheet ends one at another sign and begins a formula there."""

    quoting = csv.QUOTE_ALL


class _Bad(ValueError):
    """A cell that cannot be read; says its column and what is wrong."""

    def __init__(self, column: str, text: str | _StrPromise) -> None:
        super().__init__(column)
        self.column, self.text = column, text


def parse(content: bytes, *, zone: ZoneInfo, now: datetime) -> Parsed:
    """Read a file. Nothing is stored; nothing of the file is repeated in a fault."""
    parsed = Parsed()
    text = _decoded(content, parsed)
    if text is None:
        return parsed
    header, _end, _rest = text.partition("\n")
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = _header(next(reader, []), parsed)
        if names:
            _rows(reader, names, parsed, zone, now)
    except csv.Error:
        parsed.fault(reader.line_num, "", gettext_lazy("A quotation mark is missing or in the wrong place."))
    if not parsed.rows and not parsed.problems:
        parsed.fault(1, "", gettext_lazy("The file holds no rows."))
    return parsed


def _decoded(content: bytes, parsed: Parsed) -> str | None:
    if len(content) > MOST_BYTES:
        parsed.fault(0, "", gettext_lazy("The file is too large: at most 2 MB."))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        parsed.fault(0, "", gettext_lazy("The file is not in UTF-8. Please save it as “CSV UTF-8” and try again."))
        return None
    if "\x00" in text:
        parsed.fault(0, "", gettext_lazy("This is not a CSV file."))
        return None
    return text


def _header(cells: list[str], parsed: Parsed) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    if "date" not in names:
        parsed.fault(1, "date", gettext_lazy("The first row must name the columns, and one of them must be “date”."))
    elif len(set(names)) < len(names):
        parsed.fault(1, "", gettext_lazy("A column is named twice."))
    elif not set(names) <= set(COLUMNS):
        parsed.fault(
            1,
            "",
            gettext_lazy("There is a column that is not known. Known are: {columns}").format(
                columns=", ".join(COLUMNS)
            ),
        )
    return [] if parsed.problems else names


def _rows(reader: Iterable[list[str]], names: list[str], parsed: Parsed, zone: ZoneInfo, now: datetime) -> None:
    seen: set[datetime] = set()
    for number, cells in enumerate(reader, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(parsed.rows) >= MOST_ROWS:
            parsed.fault(number, "", gettext_lazy("Too many rows: at most 10,000 in one file."))
            return
        if len(cells) != len(names):
            parsed.fault(number, "", gettext_lazy("This row does not have as many cells as the first one."))
            continue
        try:
            at, reading = _row(dict(zip(names, map(str.strip, cells), strict=True)), zone, now)
        except _Bad as bad:
            parsed.fault(number, bad.column, bad.text)
            continue
        if at in seen:
            parsed.fault(number, "date", gettext_lazy("Another row has the same minute."))
        seen.add(at)
        parsed.rows.append((at, reading))


def _row(cells: Mapping[str, str], zone: ZoneInfo, now: datetime) -> tuple[datetime, Reading]:
    at = _moment(cells, zone)
    if at > now + timedelta(minutes=5):
        raise _Bad("date", gettext_lazy("This date is still to come."))
    if at.year < 2000:
        raise _Bad("date", gettext_lazy("This date is before the year 2000."))
    reading = Reading(
        valence=_whole(cells, "pleasant"),
        arousal=_whole(cells, "stirred"),
        words=_several(cells, "words"),
        sleep_hours=_number(cells, "sleep_hours"),
        sleep_quality=_whole(cells, "sleep_quality"),
        energy=_whole(cells, "energy"),
        activities=_several(cells, "activities"),
        text=_unguarded(cells.get("note", "")),
    )
    try:
        return at, reading.checked()
    except ApplicationError as error:
        raise _Bad(_COLUMN_OF.get(error.code, error.code), str(error.text)) from error


def _moment(cells: Mapping[str, str], zone: ZoneInfo) -> datetime:
    try:
        day = datetime.strptime(cells["date"], "%Y-%m-%d")  # noqa: DTZ007 - the zone follows
    except ValueError as error:
        raise _Bad("date", gettext_lazy("A date is written like 2026-11-22.")) from error
    try:
        clock = datetime.strptime(cells.get("time") or _NOON, "%H:%M")  # noqa: DTZ007
    except ValueError as error:
        raise _Bad("time", gettext_lazy("A time is written like 21:30.")) from error
    wall = day.replace(hour=clock.hour, minute=clock.minute)
    try:
        offset = cells.get("offset", "")
        if not offset:
            return moments.moment(wall, zone)
        tz = datetime.strptime(_unguarded(offset), "%z").tzinfo
        return wall.replace(tzinfo=tz or timezone.utc).astimezone(UTC)  # noqa: UP017
    except ValueError as error:
        raise _Bad("offset", gettext_lazy("An offset is written like +08:00.")) from error
    except OverflowError as error:
        raise _Bad("date", gettext_lazy("A date is written like 2026-11-22.")) from error


def _number(cells: Mapping[str, str], name: str) -> float | None:
    text = cells.get(name, "").replace(",", ".")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise _Bad(name, gettext_lazy("This is not a number.")) from error
    if value != value or abs(value) > 1000:
        raise _Bad(name, gettext_lazy("This is not a number."))
    return round(value, 2)


def _whole(cells: Mapping[str, str], name: str) -> int | None:
    value = _number(cells, name)
    if value is not None and value != int(value):
        raise _Bad(name, gettext_lazy("This is not a whole number."))
    return None if value is None else int(value)


def _several(cells: Mapping[str, str], name: str) -> tuple[str, ...]:
    parts = cells.get(name, "").replace("；", ";").split(";")
    return tuple(part for part in (_unguarded(one.strip()) for one in parts) if part)


def write(entries: Iterable[EntryView], zone: ZoneInfo) -> str:
    """Entries as a file that `parse` reads back. Begins with a mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, _Written)
    writer.writerow(COLUMNS)
    for entry in entries:
        local, reading = entry.at.astimezone(zone), entry.reading
        offset = local.strftime("%z")
        writer.writerow(
            [
                local.strftime("%Y-%m-%d"),
                local.strftime("%H:%M"),
                _guarded(f"{offset[:3]}:{offset[3:5]}"),
                *("" if one is None else one for one in (reading.valence, reading.arousal)),
                ";".join(reading.words),
                *("" if one is None else one for one in (reading.sleep_hours, reading.sleep_quality, reading.energy)),
                ";".join(map(_guarded, (tag.replace(";", ",") for tag in reading.activities))),
                _guarded(reading.text),
            ]
        )
    return "\ufeff" + out.getvalue()


def _guarded(text: str) -> str:
    """Text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def template() -> str:
    """A file with the columns and two invented rows, to begin from."""
    rows = [
        ["2026-11-20", "08:10", "", "-1", "1", "tense;tired", "5.5", "2", "2", "work", _("Woke up at four.")],
        ["2026-11-21", "21:30", "", "1", "0", "content", "7", "4", "3", "outdoors;people", ""],
    ]
    out = io.StringIO()
    csv.writer(out, _Written).writerows([COLUMNS, *rows])
    return "\ufeff" + out.getvalue()
