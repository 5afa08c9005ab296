"""Only rows that were seen in a source, never a guess, and staff are told what nobody has checked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ml.types import RiskLevel
from therapy.safety import hotlines

TODAY = hotlines.table_date()


def test_every_row_was_seen_in_a_source() -> None:
    lines = hotlines.all_lines()
    assert len(lines) >= 50
    assert {line.evidence for line in lines} == {"first_hand", "secondary"}
    assert all(line.source and line.number and line.name["en"] and line.name["zh"] for line in lines)
    assert len({line.id for line in lines}) == len(lines)


@pytest.mark.parametrize(
    "number", ["1-800-422-4453", "1800 55 1800", "1300 22 4636", "1737", "15999", "15555", "1553", "0570-046-556"]
)
def test_numbers_nobody_confirmed_are_not_shipped(number: str) -> None:
    assert number not in hotlines.allowed_numbers()


def test_nobody_has_checked_a_row_yet_and_the_table_says_so() -> None:
    assert all(line.verified_at is None and line.verified_by == "" for line in hotlines.all_lines())


def test_links_dial_the_number_that_is_printed() -> None:
    for line in hotlines.all_lines():
        scheme = {"call": "tel:", "text": "sms:"}.get(line.channel, "https://")
        assert line.href.startswith(scheme), line.id
        if line.channel in ("call", "text"):
            dialled = "".join(filter(str.isdigit, line.href.split("?")[0]))
            assert dialled.endswith("".join(filter(str.isdigit, line.number)).lstrip("0")), line.id


@pytest.mark.parametrize("country", ["", "ZZ", "MX", "NZ"])
def test_unknown_country_gets_the_directory_and_no_number(country: str) -> None:
    lines = hotlines.lines_for(country, level=RiskLevel.IMMINENT)
    assert [line.id for line in lines] == ["directory"]
    assert "112 or 911" in hotlines.emergency_number(country, "en")
    assert "findahelpline.com" in hotlines.crisis_line_text(country, "zh")


def test_emergency_leads_only_when_imminent() -> None:
    assert [line.number for line in hotlines.lines_for("CN", level=RiskLevel.IMMINENT)][:3] == ["120", "110", "12356"]
    high = [line.number for line in hotlines.lines_for("CN", level=RiskLevel.HIGH)]
    assert high[0] == "12356"
    assert "120" in high


def test_police_lead_where_somebody_is_violent() -> None:
    lines = hotlines.lines_for("CN", kind="harm_others", level=RiskLevel.IMMINENT)
    assert lines[0].number == "110"


def test_specialised_lines_come_before_the_general_one() -> None:
    numbers = [line.number for line in hotlines.lines_for("IN", kind="abuse_disclosure", level=RiskLevel.MODERATE)]
    assert numbers.index("181") < numbers.index("14416")
    assert numbers.index("1098") < numbers.index("14416")


def test_member_states_share_112() -> None:
    assert hotlines.emergency_number("DE", "en") == "112"
    assert hotlines.emergency_number("NL", "zh") == "112"
    assert hotlines.crisis_line_text("DE", "en") == "0800 111 0 111"


def test_every_number_shown_anywhere_is_allowed() -> None:
    allowed = hotlines.allowed_numbers()
    for country in [*hotlines.countries(), "", "NL", "ZZ"]:
        for line in hotlines.lines_for(country, level=RiskLevel.HIGH):
            assert line.number in allowed or line.audience == "directory"
    assert {"112", "911", "12356", "120", "116123", "116 123"} <= allowed


def test_old_rows_warn_then_hide_but_emergency_stays() -> None:
    assert not any(line.is_stale(TODAY) for line in hotlines.all_lines())
    later = TODAY + timedelta(days=181)
    assert all(line.is_stale(later) for line in hotlines.all_lines())
    much_later = TODAY + timedelta(days=366)
    shown = hotlines.lines_for("CN", today=much_later)
    assert [line.number for line in shown if line.is_emergency] == ["120", "110"]
    assert "12356" not in [line.number for line in shown]


@pytest.mark.parametrize(
    ("profile", "accept", "language", "country"),
    [
        ("gb", "en-US", "en", "GB"),
        ("", "en-US,en;q=0.9", "en", "US"),
        ("", "en-GB,en-US;q=0.8", "en", "GB"),
        ("", "en", "en", ""),
        ("", "", "en", ""),
        ("", "", "zh", "CN"),
        ("", "zh-Hans-CN,zh;q=0.9", "zh", "CN"),
        # What most browsers in China send: its own region, however many others follow.
        ("", "zh-CN,zh;q=0.8,zh-TW;q=0.7,zh-HK;q=0.5,en-US;q=0.3,en;q=0.2", "zh", "CN"),
        # No region at all: most people who read simplified Chinese and say no more are there.
        ("", "zh", "zh", "CN"),
        ("", "zh-Hans,zh;q=0.9,en;q=0.8", "zh", "CN"),
        # Chinese read elsewhere: the browser says where.
        ("", "zh,en-GB;q=0.8", "zh", "GB"),
        ("", "zh-Hans,en;q=0.9,en-AU;q=0.8", "zh", "AU"),
        ("", "zh-Hant,en-CA;q=0.8", "zh", "CA"),
        ("", "zh-TW,zh;q=0.9,en-US;q=0.8", "zh", "TW"),
        ("", "zh-Hant", "zh", ""),
        ("", "en-US,en", "zh", ""),
        ("", "en-US,en,en-NZ;q=0.5", "zh", "NZ"),
        ("", "en-US,en", "en", "US"),
        ("", "de-DE,de;q=0.9,en;q=0.8", "en", "DE"),
        ("", "en;q=x,<script>,*-**,en-US;q=0.5,en-IE;q=0.9", "en", "IE"),
    ],
)
def test_country_is_the_setting_then_the_browser_then_the_language(
    profile: str, accept: str, language: str, country: str
) -> None:
    assert hotlines.country_for(profile, accept, language) == country


def test_table_date_is_a_date() -> None:
    assert date(2026, 1, 1) < hotlines.table_date()


@pytest.mark.parametrize(
    ("country", "number"),
    [("CA", "911"), ("AU", "000"), ("TW", "119"), ("JP", "119"), ("SG", "995"), ("PH", "911"), ("BR", "192")],
)
def test_every_country_of_the_table_has_an_emergency_number(country: str, number: str) -> None:
    first = hotlines.lines_for(country, level=RiskLevel.IMMINENT)[0]
    assert (first.number, first.is_emergency) == (number, True)
    assert number in hotlines.emergency_number(country, "en")
    for code in hotlines.countries():
        assert any(line.is_emergency for line in hotlines.lines_for(code)), code
