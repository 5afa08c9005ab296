"""Steps with a time as an iCalendar file (RFC 5545). By default its titles say nothing of what the step is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from therapy.plans.today import StepView

LINE_BYTES = 74


def calendar_of(steps: Iterable[StepView], *, with_titles: bool, now: datetime) -> str:
    """The file; one event for each step that has a time."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Attune//Small steps//EN", "CALSCALE:GREGORIAN"]
    for step in steps:
        item = step.item
        if item.due_at is None:
            continue
        title = _("Attune: {title}").format(title=item.title) if with_titles else _("Attune: a small step")
        lines += [
            "BEGIN:VEVENT",
            f"UID:{item.id}@attune",
            f"DTSTAMP:{_utc(now)}",
            f"DTSTART:{_utc(item.due_at)}",
            f"DTEND:{_utc(item.due_at + timedelta(minutes=item.minutes))}",
            f"SUMMARY:{_escaped(title)}",
            # Others who look at the calendar see a time that is taken, no more.
            "CLASS:PRIVATE",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "")


def _folded(line: str) -> str:
    """A long line in parts of at most 75 octets, never cut inside a character."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > LINE_BYTES:
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])
