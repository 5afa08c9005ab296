"""CSV in and out: all or nothing, faults by row, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.journal.conftest import Write
from therapy.journal import csv_files, selectors, services
from therapy.journal.models import Entry
from therapy.journal.readings import Reading
from therapy.safety.models import RiskFlag

NOW, BERLIN = datetime(2026, 11, 22, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin")
HEADER = "date,time,pleasant,sleep_hours,energy,activities,note\r\n"


def parse(text: str | bytes) -> csv_files.Parsed:
    content = text.encode() if isinstance(text, str) else text
    return csv_files.parse(content, zone=BERLIN, now=NOW)


def faults(text: str | bytes) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in parse(text).problems]


def test_a_file_is_read() -> None:
    parsed = parse(HEADER + "2026-11-20,08:10,-1,5.5,2,outdoors;Choir,Woke early\r\n2026-11-21,,2,,,,\r\n\r\n")
    assert parsed.problems == []
    assert [at for at, _reading in parsed.rows] == [
        datetime(2026, 11, 20, 7, 10, tzinfo=UTC),
        datetime(2026, 11, 21, 11, 0, tzinfo=UTC),
    ]
    assert parsed.rows[0][1] == Reading(
        valence=-1, sleep_hours=5.5, energy=2, activities=("outdoors", "Choir"), text="Woke early"
    )


def test_semicolons_and_commas_of_a_spreadsheet_are_read() -> None:
    assert parse("date;sleep_hours\n2026-11-20;6,5\n").rows[0][1].sleep_hours == 6.5
    assert parse("\ufeffdate\tenergy\n2026-11-20\t3\n").rows[0][1].energy == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADER + "2026-13-40,,1,,,,\n", [(2, "date")]),
        (HEADER + "2027-01-01,,1,,,,\n", [(2, "date")]),
        (HEADER + "1999-01-01,,1,,,,\n", [(2, "date")]),
        (HEADER + "0001-01-01,,1,,,,\n", [(2, "date")]),
        (HEADER + "2026-11-20,25:00,1,,,,\n", [(2, "time")]),
        (HEADER + "2026-11-20,,3,,,,\n", [(2, "pleasant")]),
        (HEADER + "2026-11-20,,0.5,,,,\n", [(2, "pleasant")]),
        (HEADER + "2026-11-20,,nan,,,,\n", [(2, "pleasant")]),
        (HEADER + "2026-11-20,,,many,,,\n", [(2, "sleep_hours")]),
        (HEADER + "2026-11-20,,,,9,,\n", [(2, "energy")]),
        (HEADER + "2026-11-20,,,,,,\n", [(2, "")]),
        (HEADER + "2026-11-20,,1,,\n", [(2, "")]),
        (HEADER + "2026-11-20,,1,,,,\n2026-11-20,12:00,2,,,,\n", [(3, "date")]),
        (HEADER + '2026-11-20,,1,,,,"open\n', [(2, "")]),
        ("day,mood\n2026-11-20,1\n", [(1, "date")]),
        ("date,mood\n2026-11-20,1\n", [(1, "")]),
        ("date,date\n", [(1, "")]),
        (HEADER, [(1, "")]),
        ("", [(1, "date")]),
        ("date,note\n2026-11-20,é\n".encode("latin-1"), [(0, "")]),
        ("date,note\n2026-11-20,好\n".encode("gb18030"), [(0, "")]),
        ("date,note\n".encode("utf-16"), [(0, "")]),
        (b"PK\x00\x00date", [(0, "")]),
        (b"x" * 2_000_001, [(0, "")]),
    ],
)
def test_faults_are_named_by_row_and_column(text: str | bytes, expected: list[tuple[int, str]]) -> None:
    assert faults(text) == expected


def test_too_many_rows_and_too_many_faults_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "MOST_ROWS", 2)
    rows = "".join(f"2026-11-{day:02},,1,,,,\n" for day in range(1, 10))
    assert faults(HEADER + rows) == [(4, "")]
    assert len(faults(HEADER + "x,,1,,,,\n" * 500)) == csv_files.MOST_PROBLEMS


@pytest.mark.django_db
def test_what_goes_out_comes_in_again_and_runs_nowhere(alice: User, bob: User, write: Write) -> None:
    formulas = ["=1+1", "+49 123", "-", "@SUM(A1)", "\ttab", "＝1＋1", "＋49", "－1", "＠SUM(A1)"]
    texts = [*formulas, 'say "hi", then\nleave', "well;=1+1", "平静"]
    for number, text in enumerate(texts):
        at = timezone.now() - timedelta(days=number, seconds=17)
        write(at=at, valence=-2, activities=("=cmd", "work"), text=text)
    out = csv_files.write(selectors.all_entries(alice.pk), BERLIN)
    cells = [cell for row in csv.reader(io.StringIO(out.removeprefix("\ufeff"), newline="")) for cell in row]
    assert not any(cell.startswith(("=", "+", "@", "\t", "＝", "＋", "－", "＠")) for cell in cells)
    assert out.startswith('﻿"date","time"')
    assert ',"well;=1+1"' in out
    parsed = csv_files.parse(out.encode(), zone=ZoneInfo("Asia/Tokyo"), now=timezone.now())
    assert parsed.problems == []
    assert services.take_in(person_id=bob.pk, rows=parsed.rows)[:2] == (len(texts), 0)
    mine = [entry.reading for entry in selectors.all_entries(alice.pk)]
    assert [entry.reading for entry in selectors.all_entries(bob.pk)] == mine
    assert services.take_in(person_id=bob.pk, rows=parsed.rows)[:2] == (0, len(texts))


@pytest.mark.django_db
def test_a_broken_row_takes_nothing_in(client: Client, alice: User) -> None:
    client.force_login(alice)

    def send(text: str) -> str:
        file = SimpleUploadedFile("journal.csv", text.encode())
        return client.post(reverse("journal:data"), {"file": file}, follow=True).content.decode()

    good = "2025-11-20,,1,7,,,\n"
    page = send(HEADER + good + "2025-11-2x,,1,,,,\n")
    assert "Nothing was taken in" in page
    assert "Row 3, date" in page
    assert not Entry.objects.exists()
    assert "1 entry was added" in send(HEADER + good)
    assert "1 was there already" in send(HEADER + good)
    assert Entry.objects.count() == 1
    assert "file is required" in client.post(reverse("journal:data")).content.decode() or Entry.objects.count() == 1
    response = client.get(reverse("journal:export"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "2025-11-20" in response.content.decode()
    assert not parse(client.get(reverse("journal:template")).content).problems


@pytest.mark.django_db
def test_fresh_words_of_danger_in_a_file_bring_help_and_old_ones_do_not(client: Client, alice: User) -> None:
    client.force_login(alice)
    now, words = timezone.now(), "I want to kill myself"
    for at in (now - timedelta(days=400), now - timedelta(hours=5)):
        text = f"date,time,offset,note\n{at:%Y-%m-%d},{at:%H:%M},+00:00,{words}\n"
        page = client.post(reverse("journal:data"), {"file": SimpleUploadedFile("a.csv", text.encode())}, follow=True)
        is_fresh = at > now - timedelta(days=1)
        assert ("data-card" in page.content.decode()) is is_fresh
        assert RiskFlag.objects.exists() is is_fresh
