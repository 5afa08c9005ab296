"""Who accompanies a person: taken, handed over, ended; tasks go along, notes stay sealed, capacity holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.review.test_transcript import QUEUE
from tests.safety.conftest import CANARY, Raise
from therapy.core.errors import ApplicationError
from therapy.review import cases, holder
from therapy.review.models import Assignment, CaseTag, FollowUp, Note

TODAY = timezone.now().date()


def test_a_transfer_keeps_the_history_and_takes_tasks_along(alice: User, carol: User, dan: User, bob: User) -> None:
    cases.assign(user=carol, person_id=alice.pk, counsellor_id=carol.pk)
    cases.add_follow_up(user=carol, person_id=alice.pk, what="contact", due_on=TODAY)
    cases.assign(user=carol, person_id=alice.pk, counsellor_id=dan.pk)
    assert list(Assignment.objects.order_by("begun_at").values_list("counsellor__username", flat=True)) == [
        "carol",
        "dan",
    ]
    assert Assignment.objects.filter(ended_at=None).get().counsellor == dan
    assert FollowUp.objects.get().assignee == dan
    with pytest.raises(ApplicationError, match="not_yours"):
        cases.assign(user=carol, person_id=alice.pk, counsellor_id=carol.pk)
    with pytest.raises(ApplicationError, match="not_found"):
        cases.assign(user=dan, person_id=alice.pk, counsellor_id=bob.pk)


def test_supervisors_move_cases(alice: User, carol: User, dan: User, grace: User) -> None:
    cases.assign(user=carol, person_id=alice.pk, counsellor_id=carol.pk)
    cases.assign(user=grace, person_id=alice.pk, counsellor_id=dan.pk)
    assert cases.load_of(dan) == 1
    assert cases.load_of(carol) == 0


def test_nobody_gets_more_than_they_take(alice: User, bob: User, carol: User, grace: User) -> None:
    cases.set_capacity(user=grace, counsellor_id=carol.pk, most=1)
    cases.assign(user=carol, person_id=alice.pk, counsellor_id=carol.pk)
    with pytest.raises(ApplicationError, match="full"):
        cases.assign(user=carol, person_id=bob.pk, counsellor_id=carol.pk)
    with pytest.raises(ApplicationError, match="forbidden"):
        cases.set_capacity(user=carol, counsellor_id=carol.pk, most=9)


def test_a_case_does_not_end_with_a_promise_open(alice: User, carol: User) -> None:
    cases.assign(user=carol, person_id=alice.pk, counsellor_id=carol.pk)
    task = cases.add_follow_up(user=carol, person_id=alice.pk, what="contact", due_on=TODAY)
    with pytest.raises(ApplicationError, match="tasks_open"):
        cases.end_case(user=carol, person_id=alice.pk)
    assert cases.finish_follow_up(user=carol, task_id=task.pk)
    assert not cases.finish_follow_up(user=carol, task_id=task.pk)
    assert cases.end_case(user=carol, person_id=alice.pk)


def test_the_page_arranges_and_refuses_with_words(desk: Client, raise_risk: Raise, alice: User, carol: User) -> None:
    raise_risk(RiskLevel.HIGH)
    place = f"{QUEUE}case/{alice.pk}/"
    desk.post(place, {"step": "assign", "counsellor": str(carol.pk)})
    desk.post(place, {"step": "task", "what": "plan", "due_on": str(TODAY - timedelta(1)), "assignee": str(carol.pk)})
    desk.post(place, {"step": "tags", "tags": ["alone", "rubbish"]})
    desk.post(place, {"step": "note", "text": CANARY})
    body = desk.get(place).content.decode()
    assert CANARY in body
    assert "late" in body
    assert list(CaseTag.objects.values_list("tag", flat=True)) == ["alone"]
    assert CANARY.encode() not in bytes(Note.objects.get().text_sealed)
    assert "still promised" in desk.post(place, {"step": "end"}, follow=True).content.decode()
    assert "late" in desk.get(f"{QUEUE}tasks/").content.decode()
    desk.post(f"{QUEUE}tasks/", {"task": str(FollowUp.objects.get().pk)})
    assert FollowUp.objects.get().done_by == carol


def test_strangers_to_the_case_write_nothing(alice: User, carol: User) -> None:
    with pytest.raises(ApplicationError, match="not_yours"):
        cases.write_note(user=carol, person_id=alice.pk, text="hello")
    with pytest.raises(ApplicationError, match="not_yours"):
        cases.set_tags(user=carol, person_id=alice.pk, tags=["alone"])


def test_notes_and_tags_come_with_the_persons_copy_and_go_with_them(alice: User, carol: User) -> None:
    cases.assign(user=carol, person_id=alice.pk, counsellor_id=carol.pk)
    cases.write_note(user=carol, person_id=alice.pk, text=CANARY)
    cases.set_tags(user=carol, person_id=alice.pk, tags=["work"])
    copy = holder.export(alice.pk)
    assert copy["notes"][0]["note"] == CANARY
    assert copy["tags"] == ["work"]
    holder.erase(alice.pk)
    assert not Note.objects.exists()
    assert not Assignment.objects.exists()
