"""The person's own page: seen, ticked, changed, removed, added, with scripts and without; nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import update_profile
from ml.types import RiskLevel
from therapy.plans import services
from therapy.plans.models import Plan, PlanItem
from therapy.plans.selectors import current_plan, steps_for_prompt
from therapy.safety import person_risk

from .conftest import titles

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
HOME = "/plan/"


def _url(name: str, item: PlanItem) -> str:
    return reverse(f"plans:{name}", args=[item.pk])


def test_without_a_plan_the_page_offers_one(as_alice: Client) -> None:
    page = as_alice.get(HOME).content.decode()
    assert "There is no plan yet" in page
    assert reverse("plans:draft") in page


def test_asking_shows_that_it_is_being_written(as_alice: Client, alice: User) -> None:
    page = as_alice.post(reverse("plans:draft"), follow=True).content.decode()
    assert "Your draft is being written." in page
    assert 'http-equiv="refresh"' in page, "without scripts the page looks again by itself"
    assert Plan.objects.get().state == Plan.State.DRAFTING


def test_the_draft_is_called_a_draft_and_gives_reasons(plan: Plan, as_alice: Client) -> None:
    page = as_alice.get(HOME).content.decode()
    assert "This is a draft." in page
    assert "until a counsellor has read and approved it" in page
    assert "Because one of your goals is about sleep" in page
    assert "sleep better" in page


def test_an_approved_plan_is_called_so(plan: Plan, approve: Callable[[Plan], Plan], as_alice: Client) -> None:
    approve(plan)
    page = as_alice.get(HOME).content.decode()
    assert "A counsellor has read and approved this plan." in page
    assert "This is a draft." not in page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_tick_off_and_back(plan: Plan, as_alice: Client, headers: dict[str, str]) -> None:
    item = plan.items.all()[0]
    answer = as_alice.post(_url("done", item), {"done": "yes"}, headers=headers)
    item.refresh_from_db()
    assert item.done_at is not None
    first = item.done_at
    as_alice.post(_url("done", item), {"done": "yes"}, headers=headers)
    item.refresh_from_db()
    assert item.done_at == first, "sending it twice keeps the first time"
    if headers:
        assert b'id="plan"' in answer.content
        assert b"<html" not in answer.content
        assert b'aria-pressed="true"' in answer.content
    else:
        assert (answer.status_code, answer["Location"]) == (302, HOME)
    as_alice.post(_url("done", item), {"done": "no"}, headers=headers)
    item.refresh_from_db()
    assert item.done_at is None


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_change_a_step(plan: Plan, as_alice: Client, alice: User, headers: dict[str, str]) -> None:
    item = plan.items.all()[0]
    because = current_plan(alice.pk).items[0].because  # type: ignore[union-attr]
    data = {"title": " Breathe \n out ", "details": "Slowly\r\nIn\r\nOut", "minutes": "7"}
    as_alice.post(_url("edit", item), data, headers=headers)
    view = current_plan(alice.pk)
    assert view is not None
    changed = view.items[0]
    assert (changed.title, changed.lead, changed.lines, changed.minutes) == ("Breathe out", "Slowly", ["In", "Out"], 7)
    assert changed.edited_at is not None
    assert changed.because == because


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_remove_and_put_back(plan: Plan, as_alice: Client, alice: User, headers: dict[str, str]) -> None:
    item, before = plan.items.all()[1], titles(alice)
    answer = as_alice.post(_url("remove", item), headers=headers, follow=True)
    assert len(titles(alice)) == len(before) - 1
    assert _url("restore", item).encode() in answer.content, "the way back is offered"
    as_alice.post(_url("remove", item), headers=headers)
    as_alice.post(_url("restore", item), headers=headers)
    assert titles(alice) == before


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_add_once_even_if_sent_twice(plan: Plan, as_alice: Client, alice: User, headers: dict[str, str]) -> None:
    count = plan.items.count()
    data = {"item_id": str(uuid4()), "title": "Feed the cat", "details": "", "minutes": "5"}
    for _ in range(2):
        as_alice.post(reverse("plans:add"), data, headers=headers)
    assert plan.items.count() == count + 1
    assert titles(alice)[-1] == "Feed the cat"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"title": "  \n\t "}, "give the step a name"),
        ({"title": "\x00\x01"}, "give the step a name"),
        ({"title": "x" * 201}, "too long"),
        ({"title": "ok", "details": "x" * 4001}, "too long"),
        ({"title": "ok", "minutes": "0"}, "Minutes must be"),
        ({"title": "ok", "minutes": "many"}, "Minutes must be"),
        ({"title": "ok", "minutes": "9" * 400}, "Minutes must be"),
    ],
)
def test_what_does_not_fit_is_said_and_changes_nothing(
    plan: Plan, as_alice: Client, alice: User, data: dict[str, str], text: str
) -> None:
    before = titles(alice)
    answer = as_alice.post(_url("edit", plan.items.all()[0]), data, headers=HTMX)
    assert text in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
    plain = as_alice.post(reverse("plans:add"), {"item_id": str(uuid4()), **data}, follow=True)
    assert text in plain.content.decode()
    assert titles(alice) == before


def test_html_in_words_is_shown_as_text(told: User, make_plan: Callable[..., Plan], as_alice: Client) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    update_profile(person_id=told.pk, words={"goals": evil})
    plan = make_plan(told)
    as_alice.post(_url("edit", plan.items.all()[0]), {"title": evil, "details": f"</textarea>{evil}"})
    page = as_alice.get(HOME).content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_full_plan_asks_to_remove_first(plan: Plan, as_alice: Client) -> None:
    for number in range(services.MOST_STEPS):
        as_alice.post(reverse("plans:add"), {"item_id": str(uuid4()), "title": f"step {number}"})
    assert plan.items.count() == services.MOST_STEPS
    answer = as_alice.post(reverse("plans:add"), {"item_id": str(uuid4()), "title": "more"}, headers=HTMX)
    assert b"works best when it is small" in answer.content


@pytest.mark.parametrize("name", ["done", "edit", "remove", "restore"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_bob_cannot_change_alices_plan(
    plan: Plan, as_bob: Client, alice: User, name: str, headers: dict[str, str]
) -> None:
    before = current_plan(alice.pk)
    answer = as_bob.post(_url(name, plan.items.all()[0]), {"title": "x", "done": "yes"}, headers=headers)
    assert answer.status_code == 404
    assert current_plan(alice.pk) == before


def test_bob_cannot_see_alices_plan(plan: Plan, as_bob: Client, bob: User, make_plan: Callable[..., Plan]) -> None:
    assert "sleep better" not in as_bob.get(HOME).content.decode()
    assert as_bob.get(reverse("plans:version", args=[1])).status_code == 404
    make_plan(bob)
    taken = plan.items.all()[0].pk
    answer = as_bob.post(reverse("plans:add"), {"item_id": str(taken), "title": "mine now"})
    assert answer.status_code == 404
    assert plan.items.get(pk=taken).plan_id == plan.pk


def test_eve_is_sent_to_sign_in(plan: Plan) -> None:
    eve = Client()
    for url in (HOME, reverse("plans:version", args=[1])):
        assert eve.get(url)["Location"].startswith("/accounts/login/")
    assert eve.post(_url("remove", plan.items.all()[0])).status_code == 302
    assert plan.items.filter(removed_at__isnull=False).count() == 0


def test_staff_have_no_plan_page(as_carol: Client) -> None:
    assert as_carol.get(HOME).status_code == 404


def test_changes_need_a_post_and_a_token(plan: Plan, alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    url = _url("remove", plan.items.all()[0])
    assert strict.get(url).status_code == 405
    assert strict.post(url).status_code == 403


def test_an_old_version_can_be_read_but_not_changed(
    plan: Plan, told: User, make_plan: Callable[..., Plan], as_alice: Client
) -> None:
    Plan.objects.update(drafted_at=timezone.now() - timedelta(hours=1))
    make_plan(told)
    old = as_alice.get(reverse("plans:version", args=[1])).content.decode()
    assert "sleep better" in old
    assert "<form" not in old.split("<main")[1].split("</main")[0]
    assert as_alice.post(_url("done", plan.items.all()[0]), {"done": "yes"}).status_code == 404
    assert reverse("plans:version", args=[1]) in as_alice.get(HOME).content.decode()


def test_while_risk_is_high_help_stands_first_and_steps_wait(plan: Plan, as_alice: Client, alice: User) -> None:
    person_risk.advance(alice.pk, RiskLevel.HIGH)
    view = current_plan(alice.pk)
    assert view is not None
    assert view.waiting_items
    page = as_alice.get(HOME).content.decode()
    main = page.split("<main")[1]
    assert main.index("Right now, a person comes first.") < main.index("Small steps")
    for item in view.waiting_items:
        assert item.because not in page


def test_the_prompt_knows_only_approved_open_steps(plan: Plan, alice: User, approve: Callable[[Plan], Plan]) -> None:
    assert steps_for_prompt(alice.pk) == (), "a draft does not count yet"
    approve(plan)
    steps = steps_for_prompt(alice.pk)
    assert list(steps) == list(titles(alice))
    services.set_done(person_id=alice.pk, item_id=plan.items.all()[0].pk, is_done=True)
    assert steps_for_prompt(alice.pk) == steps[1:]
    person_risk.advance(alice.pk, RiskLevel.HIGH)
    assert set(steps_for_prompt(alice.pk)) < set(steps[1:])


@pytest.mark.parametrize("undo", ["", "x", "'\"><script>", "0" * 5000])
def test_a_broken_address_is_no_fault(plan: Plan, as_alice: Client, undo: str) -> None:
    answer = as_alice.get(HOME, {"undo": undo})
    assert answer.status_code == 200
    assert b"<script>'" not in answer.content


def test_the_page_is_never_stored(plan: Plan, as_alice: Client) -> None:
    assert as_alice.get(HOME)["Cache-Control"] == "no-store"
