"""Pages of practice: they work without scripts, say what to know first, and show two points afterwards."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from ml.planning.library import load
from tests.practice.conftest import BREATH
from therapy.practice import selectors
from therapy.practice.models import PracticeRun

ANSWERS = {"calm": "3", "focused": "4", "mood": "5", "minutes": "3"}


def test_the_whole_way_without_scripts(at_home: Client, alice) -> None:
    html = at_home.get("/practice/").content.decode()
    assert all(practice.title.en in html for practice in load().practices.values())
    answer = at_home.post(f"/practice/{BREATH}/", ANSWERS)
    place = answer["Location"]
    html = at_home.get(place).content.decode()
    assert "Let it out slowly for about six." in html
    answer = at_home.post(f"{place}finish/", {"calm": "7", "focused": "6", "mood": "5"})
    assert answer["Location"] == f"{place}result/"
    html = at_home.get(f"{place}result/").content.decode()
    assert html.count("<circle") == 6
    assert "3 → 7" in html
    assert "about the same" in html
    assert "3 → 7" in at_home.get("/practice/history/").content.decode()
    assert at_home.get(place).status_code == 302


def test_saying_nothing_is_fine(at_home: Client, alice) -> None:
    place = at_home.post(f"/practice/{BREATH}/", {**ANSWERS, "skip": "1"})["Location"]
    at_home.post(f"{place}finish/", {**ANSWERS, "skip": "1"})
    assert selectors.history(alice.pk)[0].body.before.is_empty
    assert "<circle" not in at_home.get(f"{place}result/").content.decode()


def test_the_player_has_everything_in_the_page(at_home: Client, begun: PracticeRun) -> None:
    html = at_home.get(f"/practice/run/{begun.pk}/").content.decode()
    found = re.search(r'<script id="run-data" type="application/json">(.*?)</script>', html, re.S)
    assert found
    data = json.loads(found.group(1))
    assert sum(part["seconds"] for part in data["parts"]) == 180
    assert data["parts"][1]["pacer"] == {"in": 4, "hold": 0, "out": 6}
    assert data["words"]["in"] == "Breathe in"


def test_the_place_is_kept(at_home: Client, begun: PracticeRun) -> None:
    place = f"/practice/run/{begun.pk}/position/"
    assert at_home.post(place, {"position": "61", "extra": "0,30,0"}).status_code == 204
    assert at_home.post(place, {"position": "x"}).status_code == 400
    assert "Go on" in at_home.get("/practice/").content.decode()
    begun.refresh_from_db()
    assert begun.position == 61


def test_the_browser_is_told_where_to_go(at_home: Client, begun: PracticeRun) -> None:
    sent = {"calm": "6", "seconds": "170"}
    answer = at_home.post(f"/practice/run/{begun.pk}/finish/", sent, headers={"Accept": "application/json"})
    assert answer.json() == {"next": f"/practice/run/{begun.pk}/result/"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_notes_come_before_the_start(at_home: Client, alice, language: str) -> None:
    from accounts import services

    services.update_profile(person_id=alice.pk, language=language)
    html = at_home.get("/practice/prac-open-monitoring/").content.decode()
    note = {"en": "If memories of something terrible come back", "zh-hans": "如果可怕的往事会冒出来"}[language]
    assert html.index(note) < html.index('name="minutes"')
    assert "/practice/prac-54321/" in html


def test_numbers_of_the_country_stand_in_the_caution(at_home: Client) -> None:
    html = at_home.get("/practice/prac-54321/", headers={"Accept-Language": "en-GB"}).content.decode()
    assert "999" in html
    assert "{emergency_number}" not in html


def test_hard_ones_wait_for_a_clinician(at_home: Client) -> None:
    html = at_home.get("/practice/prac-urge-surf/").content.decode()
    assert 'name="minutes"' not in html
    assert at_home.get("/practice/prac-nothing/").status_code == 404


def test_staff_have_no_practice(client: Client, carol) -> None:
    client.force_login(carol)
    assert client.get("/practice/").status_code in (302, 404)
