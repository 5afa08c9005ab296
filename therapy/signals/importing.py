"""Files of measurements: CSV and FHIR Observation (JSON) become rows of the batch format. Stores nothing itself."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from therapy.core.errors import ApplicationError
from therapy.signals import reading, services
from therapy.signals.kinds import KINDS
from therapy.signals.reading import Refused
from therapy.signals.services import Report

MOST_BYTES, MOST_ROWS = 5 * 1024 * 1024, 50_000
# Files may be old: years of a watch. Ten of them.
OLDEST = timedelta(days=3653)
_COLUMNS = ("kind", "at", "value")
_BY_CODE = {code: kind.name for kind in KINDS.values() for code in kind.fhir}


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file; rows are counted from 1, without the head of a CSV."""

    rows: int
    accepted: int
    duplicates: int
    flagged: int
    refused: tuple[Refused, ...]


def bring_in(*, person_id: UUID, content: bytes) -> Imported:
    """Read a file and take its rows in, a thousand at a time.

    Raises:
        ApplicationError: it is too large or neither CSV with the right head nor FHIR JSON.
    """
    rows = list(rows_of(content))
    kinds = services.allowed_kinds(person_id, through_device=True)
    reports: list[tuple[int, Report]] = []
    for first in range(0, len(rows), reading.MOST_ROWS):
        batch = rows[first : first + reading.MOST_ROWS]
        report = services.ingest(person_id=person_id, rows=batch, source="file", kinds=kinds, oldest=OLDEST)
        reports.append((first, report))
    return Imported(
        rows=len(rows),
        accepted=sum(report.accepted for _first, report in reports),
        duplicates=sum(report.duplicates for _first, report in reports),
        flagged=sum(len(report.flagged) for _first, report in reports),
        refused=tuple(Refused(first + one.row + 1, one.code) for first, report in reports for one in report.refused),
    )


def rows_of(content: bytes) -> Sequence[Any]:
    """The rows of a file in the form of a batch.

    Raises:
        ApplicationError: as `bring_in`.
    """
    if len(content) > MOST_BYTES:
        raise ApplicationError("too_large", _("The file is larger than 5 MB."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ApplicationError("encoding", _("The file is not UTF-8 text.")) from error
    found = _fhir(text) if text.lstrip()[:1] in ("{", "[") else _csv(text)
    # One more than allowed is enough to know; the rest is never made.
    rows = list(islice(found, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise ApplicationError("too_many", _("The file has more than 50,000 rows."))
    return rows


def _csv(text: str) -> Iterator[Mapping[str, Any]]:
    """Columns kind, at, value in any order; others are passed over."""
    reader = csv.DictReader(io.StringIO(text))
    try:
        head = [name.strip().lower() for name in reader.fieldnames or ()]
        if not set(_COLUMNS) <= set(head):
            raise ApplicationError("head", _("The first line must name the columns kind, at and value."))
        reader.fieldnames = head
        for row in reader:
            kind, value = (row["kind"] or "").strip(), (row["value"] or "").strip()
            yield {"kind": kind, "at": (row["at"] or "").strip(), "value": _value(kind, value)}
    except csv.Error as error:
        raise ApplicationError("csv", _("The file cannot be read as CSV.")) from error


def _value(kind: str, text: str) -> object:
    if kind in KINDS and KINDS[kind].is_word:
        return text
    try:
        return float(text)
    except ValueError:
        return None


def _fhir(text: str) -> Iterator[Any]:
    """A Bundle, a list, or one Observation (FHIR R4). What is no Observation becomes a row that is refused."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ApplicationError("json", _("The file is not JSON.")) from error
    for resource in islice(_resources(body), MOST_ROWS + 1):
        yield _observation(resource)


def _resources(body: object) -> Iterator[object]:
    if isinstance(body, Mapping) and body.get("resourceType") == "Bundle":
        entries = body.get("entry")
        for one in entries if isinstance(entries, list) else ():
            if isinstance(one, Mapping):
                yield one.get("resource")
    else:
        yield from body if isinstance(body, list) else [body]


def _observation(resource: object) -> Any:
    if not isinstance(resource, Mapping) or resource.get("resourceType") != "Observation":
        return {"kind": ""}
    at = resource.get("effectiveDateTime") or resource.get("effectiveInstant")
    period = resource.get("effectivePeriod")
    if at is None and isinstance(period, Mapping):
        at = period.get("end") or period.get("start")
    quantity = resource.get("valueQuantity")
    value = quantity.get("value") if isinstance(quantity, Mapping) else None
    kind = _kind_of(resource.get("code"))
    if kind == "sleep_minutes" and isinstance(quantity, Mapping) and isinstance(value, int | float):
        value = value * 60 if quantity.get("code") in ("h", "hr") or quantity.get("unit") in ("h", "hours") else value
    return {"kind": kind, "at": at, "value": value}


def _kind_of(code: object) -> str:
    codings = code.get("coding") if isinstance(code, Mapping) else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, Mapping) and isinstance(coding.get("code"), str):
            name = _BY_CODE.get(coding["code"])
            if name:
                return name
    return ""
