"""Search in both languages, by words and by meaning; pages of articles for people."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from therapy.core import engines
from therapy.library import indexing, searching, selectors, services, tasks
from therapy.library.models import SearchEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_alice(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "sentence_vector", lambda _text: None)
    monkeypatch.setattr(engines, "encoder_name", lambda: "")


def keys(words: str, language: str, *kinds: str) -> list[str]:
    return [hit.key for hit in searching.search(words, language=language, kinds=kinds)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "language", "key"),
    [
        ("panic attack", "en", "art-panic"),
        ("panicking attacks", "en", "art-panic"),
        ("惊恐发作", "zh", "art-panic"),
        ("担心停不下来", "zh", "art-worry"),
    ],
)
def test_words_are_found_without_an_encoder(no_encoder: None, words: str, language: str, key: str) -> None:
    assert key in keys(words, language, "article")[:3]


@pytest.mark.parametrize("words", ["", "  ", "&|!():*", "'; DROP TABLE x; --", "\x00", "的", "🙂" * 300, "a" * 5000])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_any_words_are_searched_without_a_fault(no_encoder: None, words: str, language: str) -> None:
    keys(words, language)


def test_chinese_is_cut_into_pairs() -> None:
    assert indexing.terms_of("睡不着 ok", "zh").split() == ["睡不", "不着", "ok"]
    assert indexing.terms_of("睡", "zh").split() == ["睡"]


def test_vectors_are_made_once_and_used(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def vector(text: str) -> tuple[float, ...]:
        read.append(text)
        return (1.0, 0.0) if "panic" in text.lower() or text == "fear of dying" else (0.0, 1.0)

    monkeypatch.setattr(engines, "sentence_vector", vector)
    monkeypatch.setattr(engines, "encoder_name", lambda: "one")
    assert indexing.make_vectors(limit=1000) == SearchEntry.objects.count() > 200
    tasks.index_library()
    assert len(read) == SearchEntry.objects.count(), "what was read is not read again"
    hit = next(hit for hit in searching.search("fear of dying", language="en") if hit.key == "art-panic")
    assert hit.by in ("meaning", "both")
    monkeypatch.setattr(engines, "encoder_name", lambda: "two")
    assert indexing.make_vectors(limit=5) == 5, "another encoder reads anew"


def test_the_index_follows_what_staff_decide(no_encoder: None, grace: User, make_person: object) -> None:
    heidi = make_person("heidi", role="supervisor")  # type: ignore[operator]
    assert indexing.refresh_words() > 200
    assert indexing.refresh_words() == 0
    body = {**(selectors.body_of("article", "art-worry") or {}), "title": {"en": "Xylophone", "zh": "木琴"}}
    draft = services.write(user=grace, kind="article", key="art-worry", body=body, note="another title")
    assert keys("xylophone", "en") == []
    services.approve(user=heidi, item_id=draft.pk, read_as="colleague")
    assert keys("xylophone", "en") == ["art-worry"]
    assert keys("木琴", "zh") == ["art-worry"]


def test_articles_for_people_show_source_and_review(as_alice: Client) -> None:
    page = as_alice.get("/library/").content.decode()
    assert "/library/art-worry/" in page
    assert "/library/art-panic/" not in page, "a clinician must look first"
    article = as_alice.get("/library/art-worry/").content.decode()
    assert "Not yet read by a clinician" in article
    assert "Where this comes from" in article
    assert as_alice.get("/library/art-panic/").status_code == 404
    assert as_alice.get("/library/nope/").status_code == 404


def test_numbers_in_an_article_are_those_of_the_country(as_alice: Client) -> None:
    for view in selectors.library().articles.values():
        if selectors.is_usable(view.review):
            page = as_alice.get(f"/library/{view.id}/", headers={"accept-language": "en-GB"}).content.decode()
            assert "{emergency_number}" not in page
            assert "{crisis_line}" not in page


def test_people_search_by_post_and_danger_is_answered(no_encoder: None, as_alice: Client) -> None:
    page = as_alice.post("/library/", {"words": "worry"}).content.decode()
    assert "art-worry" in page
    assert "a person be with you first" not in page
    danger = as_alice.post("/library/", {"words": "how to kill myself tonight with pills"}).content.decode()
    assert "a person be with you first" in danger
    assert "What was found" not in as_alice.get("/library/", {"words": "worry"}).content.decode()
    assert as_alice.post("/library/", {"words": "zzzzqqq"}).status_code == 200


def test_staff_search_both_languages(no_encoder: None, grace: User, alice: User) -> None:
    client = Client()
    client.force_login(grace)
    for words in ("panic", "惊恐"):
        page = client.get("/admin/library/libraryitem/", {"words": words}).content.decode()
        assert "art-panic" in page
    assert "Nothing was found" in client.get("/admin/library/libraryitem/", {"words": "zzzzqqq"}).content.decode()
