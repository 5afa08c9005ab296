"""The library at the desk: versions that are kept, two people for a yes, one for taking out, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.demo import certify
from accounts.models import User
from ml.planning.inputs import PlanInputs
from therapy.core.errors import ApplicationError
from therapy.library import reading, selectors, services
from therapy.library.forms import ItemForm
from therapy.library.models import LibraryItem
from therapy.plans import drafting

pytestmark = pytest.mark.django_db
KEY = "ba-small-step"
LIST = "admin:library_libraryitem_changelist"


@pytest.fixture
def heidi(make_person: Callable[..., User]) -> User:
    """Another supervisor."""
    return make_person("heidi", role="supervisor")


@pytest.fixture
def oscar(make_person: Callable[..., User]) -> User:
    """An operator."""
    return make_person("oscar", role="operator")


def login(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def changed(key: str = KEY, kind: str = "technique", **fields: Any) -> dict[str, Any]:
    return {**(selectors.body_of(kind, key) or {}), **fields}


def write(user: User, key: str = KEY, **fields: Any) -> LibraryItem:
    return services.write(user=user, kind="technique", key=key, body=changed(**fields), note="softer words")


def test_a_yes_of_a_second_person_counts_at_once(grace: User, heidi: User) -> None:
    draft = write(grace, title={"en": "A softer step", "zh": "更轻的一步"})
    assert selectors.library().techniques[KEY].title.en == "One small activity, then rest", "a draft changes nothing"
    services.approve(user=heidi, item_id=draft.pk, read_as="clinician")
    one = selectors.library().techniques[KEY]
    assert (one.title.en, one.review.state) == ("A softer step", "approved")
    assert selectors.library().version.endswith("+1")
    assert services.approve(user=heidi, item_id=draft.pk, read_as="clinician").version == 1, "twice is once"
    second = write(heidi, title={"en": "Softer still", "zh": "再轻一点"})
    services.approve(user=grace, item_id=second.pk, read_as="colleague")
    assert selectors.library().techniques[KEY].review.state == "unreviewed", "the new words no clinician has read"
    first = LibraryItem.objects.get(version=1)
    assert first.body["title"]["en"] == "A softer step", "the version before is kept as it was"


def test_the_author_does_not_approve(grace: User, oscar: User, carol: User) -> None:
    draft = write(grace)
    with pytest.raises(ApplicationError, match="two_people"):
        services.approve(user=grace, item_id=draft.pk, read_as="colleague")
    with pytest.raises(ApplicationError, match="forbidden"):
        services.approve(user=carol, item_id=draft.pk, read_as="colleague")
    with pytest.raises(ApplicationError, match="no_certificate"):
        services.approve(user=oscar, item_id=draft.pk, read_as="clinician")
    with pytest.raises(ApplicationError, match="read_as"):
        services.approve(user=oscar, item_id=draft.pk, read_as="")
    with pytest.raises(ApplicationError, match="forbidden"):
        write(carol)
    assert services.approve(user=oscar, item_id=draft.pk, read_as="colleague").state == "reviewed"


def test_a_colleague_does_not_release_what_waits_for_a_clinician(grace: User, heidi: User, oscar: User) -> None:
    body = changed("sleep-bed-is-for-sleep")
    draft = services.write(user=grace, kind="technique", key="sleep-bed-is-for-sleep", body=body, note="same words")
    services.approve(user=oscar, item_id=draft.pk, read_as="colleague")
    assert selectors.library().techniques["sleep-bed-is-for-sleep"].review.state == "clinician_first"
    draft = services.write(user=grace, kind="technique", key="sleep-bed-is-for-sleep", body=body, note="same words")
    services.approve(user=heidi, item_id=draft.pk, read_as="clinician")
    assert selectors.library().techniques["sleep-bed-is-for-sleep"].review.state == "approved"


def test_taking_out_takes_one_and_counts_at_once(grace: User, heidi: User) -> None:
    services.take_out(user=grace, kind="technique", key=KEY, note="complaints came in")
    one = selectors.library().techniques[KEY]
    assert not selectors.is_usable(one.review)
    drafted = drafting.draft_steps(PlanInputs("en", goals=("I want to feel less low",)), selectors.library())
    assert KEY not in {step.technique for step in drafted.steps}
    draft = write(grace)
    assert not selectors.is_usable(selectors.library().techniques[KEY].review), "a draft does not bring it back"
    services.approve(user=heidi, item_id=draft.pk, read_as="colleague")
    assert selectors.is_usable(selectors.library().techniques[KEY].review)


def test_a_new_technique_is_found_by_the_planner(grace: User, heidi: User) -> None:
    assert "ba-new-step" not in selectors.library().techniques
    draft = services.write(user=grace, kind="technique", key="ba-new-step", body=changed(), note="a new one")
    services.approve(user=heidi, item_id=draft.pk, read_as="clinician")
    edges = [edge for edge in selectors.library().technique_edges if edge.target == "ba-new-step"]
    assert {edge.source for edge in edges} == set(selectors.library().techniques[KEY].mechanisms)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"minutes": 0}, "minutes"),
        ({"title": {"en": "only English", "zh": " "}}, "title.zh"),
        ({"not_for": ["nobody-knows"]}, "not_for"),
        ({"steps": {"en": [], "zh": []}}, "steps.en"),
        ({"surprise": 1}, "surprise"),
        ({"problems": "panic"}, "problems"),
    ],
)
def test_a_field_that_does_not_fit_is_named_and_nothing_is_kept(
    grace: User, fields: dict[str, Any], fault: str
) -> None:
    with pytest.raises(services.ItemFaults) as caught:
        write(grace, **fields)
    assert any(line.startswith(fault) for line in caught.value.faults), caught.value.faults
    assert not LibraryItem.objects.exists()


def test_a_stale_page_overwrites_nobody(grace: User, heidi: User) -> None:
    write(grace)
    with pytest.raises(ApplicationError, match="stale"):
        services.write(user=heidi, kind="technique", key=KEY, body=changed(), note="my words", seen_version=0)
    services.write(user=heidi, kind="technique", key=KEY, body=changed(), note="my words", seen_version=1)
    assert [row.state for row in selectors.versions_of("technique", KEY)] == ["draft", "refused"]


def test_where_reviews_are_required_nothing_else_is_used(grace: User, heidi: User, settings: Any, alice: User) -> None:
    settings.LIBRARY_REQUIRES_REVIEW = True
    assert reading.articles() == []
    drafted = drafting.draft_steps(PlanInputs("en", goals=("I want to feel less low",)), selectors.library())
    assert {step.technique for step in drafted.steps} <= {"talk-to-a-person"}
    assert "No article has been reviewed yet" in login(alice).get("/library/").content.decode()
    body = changed("art-worry", "article")
    draft = services.write(user=grace, kind="article", key="art-worry", body=body, note="read it through")
    services.approve(user=heidi, item_id=draft.pk, read_as="clinician")
    assert [view.id for view in reading.articles()] == ["art-worry"]
    assert "Read by a clinician" in login(alice).get("/library/art-worry/").content.decode()


@pytest.mark.parametrize(
    ("kind", "key"), [("technique", KEY), ("article", "art-panic"), ("practice", "prac-box-breathing")]
)
def test_the_form_gives_back_what_it_was_given(kind: str, key: str) -> None:
    body = selectors.body_of(kind, key)
    unsent = ItemForm(kind, body=body)
    sent = {name: unsent[name].value() for name in unsent.fields}
    form = ItemForm(kind, {**sent, "note": "as it is"}, body=body)
    assert form.is_valid(), form.errors
    assert form.body() == body


def test_write_and_approve_on_the_pages(grace: User, heidi: User, carol: User) -> None:
    edit, item = (reverse(f"admin:library_{name}", args=["technique", KEY]) for name in ("edit", "item"))
    unsent = ItemForm("technique", body=selectors.body_of("technique", KEY))
    sent = {name: unsent[name].value() for name in unsent.fields} | {"note": "clearer", "seen": "0"}
    half = login(grace).post(edit, {**sent, "title_zh": "", "note": "clearer"}).content.decode()
    assert "title.zh" in half
    assert not LibraryItem.objects.exists()
    assert login(grace).post(edit, {**sent, "title_en": "A clearer step"}).status_code == 302
    draft = LibraryItem.objects.get()
    own = login(grace).get(item).content.decode()
    assert "A clearer step" in own
    assert 'value="approve"' not in own, "the author is not offered it"
    login(grace).post(item, {"action": "approve", "draft": draft.pk, "read_as": "colleague"})
    draft.refresh_from_db()
    assert draft.state == "draft"
    login(heidi).post(item, {"action": "approve", "draft": draft.pk, "read_as": "colleague", "note": "good"})
    draft.refresh_from_db()
    assert (draft.state, draft.decided_by) == ("reviewed", heidi)
    assert login(carol).get(edit).status_code == 404, "counsellors read"
    assert "A clearer step" in login(carol).get(reverse(LIST)).content.decode()
    for sent_id in ("", "x", "00000000-0000-0000-0000-000000000000"):
        assert login(heidi).post(item, {"action": "approve", "draft": sent_id}, follow=True).status_code == 200


def test_clients_find_no_desk(alice: User, grace: User) -> None:
    certify(grace)
    for url in (
        reverse(LIST),
        reverse("admin:library_new"),
        reverse("admin:library_edit", args=["article", "art-worry"]),
    ):
        assert login(alice).get(url).status_code in (302, 403, 404)
    page = login(grace).post(reverse("admin:library_new"), {"kind": "technique", "key": "Bad Key!"}).content.decode()
    assert "desk-error" in page
    assert login(grace).get(reverse("admin:library_item", args=["song", KEY])).status_code == 404
    assert login(grace).get(reverse("admin:library_item", args=["article", "nope"])).status_code == 404
