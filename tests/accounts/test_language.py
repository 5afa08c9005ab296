"""The language of the page: the browser's, the switch's, and for a signed-in person the profile's."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.languages import countries, supported, time_zones

pytestmark = pytest.mark.django_db
COOKIE = settings.LANGUAGE_COOKIE_NAME


def language_of(response) -> str:
    return response["Content-Language"]


@pytest.mark.parametrize(
    ("browser", "page"),
    [("zh-CN", "zh-hans"), ("zh", "zh-hans"), ("zh-TW", "zh-hans"), ("en-GB", "en"), ("fr", "en")],
)
def test_a_stranger_reads_the_browsers_language(client, browser, page):
    assert language_of(client.get("/", headers={"accept-language": browser})) == page


def test_the_switch_works_without_logging_in(client):
    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/"})
    assert language_of(client.get("/")) == "zh-hans"


def test_the_profile_wins_for_a_signed_in_person(client, alice):
    services.update_profile(person_id=alice.pk, language="zh-hans")
    client.force_login(alice)
    response = client.get(reverse("accounts:privacy"), headers={"accept-language": "en"})
    assert language_of(response) == "zh-hans"
    assert client.cookies[COOKIE].value == "zh-hans"


def test_the_switch_changes_the_profile(client, alice):
    client.force_login(alice)
    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/"})
    alice.profile.refresh_from_db()
    assert alice.profile.language == "zh-hans"
    other_device = Client()
    other_device.force_login(alice)
    assert language_of(other_device.get(reverse("accounts:privacy"))) == "zh-hans"


def test_an_unknown_language_changes_nothing(client, alice):
    client.force_login(alice)
    client.post(reverse("set_language"), {"language": "xx", "next": "/"})
    alice.profile.refresh_from_db()
    assert alice.profile.language == "en"


def test_changing_the_profile_changes_the_page_at_once(client, alice):
    client.force_login(alice)
    answers = {"language": "zh-hans", "country": "CN", "time_zone": "Asia/Shanghai"}
    response = client.post(reverse("accounts:profile"), answers, follow=True)
    assert language_of(response) == "zh-hans"


def test_codes_are_narrowed_to_ours():
    assert {supported(code) for code in ("zh-TW", "zh-hans", "ZH")} == {"zh-hans"}
    assert {supported(code) for code in ("en-us", None, "", "fr")} == {"en"}


def test_likely_countries_come_first_and_have_names_of_the_language():
    assert countries("zh-hans")[0] == ("CN", "中国")
    assert countries("en")[0] == ("US", "United States")
    assert {code for code, _ in countries("en")} == {code for code, _ in countries("zh-hans")}
    assert "Asia/Shanghai" in time_zones()
