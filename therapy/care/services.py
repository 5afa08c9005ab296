"""Writes of care: the safety plan, a request for a call, what a person wants of check-ins and what they answer."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import keys
from accounts.selectors import open_profile
from therapy.care import answers, plan, speaking
from therapy.care.models import Callback, CheckIn, CheckInWish, SafetyPlan
from therapy.care.selectors import callback_binding, callback_of, plan_binding
from therapy.chat import services as chat
from therapy.chat import writing
from therapy.chat.models import ChatSession, Message
from therapy.core.errors import ApplicationError
from therapy.safety import services as safety

FEWEST_DIGITS = 5
# Answers of the check-in page, as `answers.RULES` counts them.
FEELINGS = {"better": 0, "same": 1, "worse": 2, "unsafe": 3}


@transaction.atomic
def write_plan(*, person_id: UUID, words: plan.PlanWords) -> SafetyPlan:
    """Keep the person's plan, whole: what is missing in `words` is gone."""
    row = SafetyPlan.objects.select_for_update().filter(person_id=person_id).first() or SafetyPlan(
        id=uuid4(), person_id=person_id
    )
    row.body_sealed = keys.seal_text(plan.to_json(words), plan_binding(row), person_id)
    row.save()
    return row


@transaction.atomic
def request_callback(*, person_id: UUID, number: str, when: str) -> Callback:
    """Ask our own counsellors for a call: a notice in the conversation, an alert to the desk, a row for the person.

    Raises:
        ApplicationError: the number cannot be dialled.
    """
    number = number.strip()[: plan.PHONE_CHARACTERS]
    if len(re.sub(r"\D", "", number)) < FEWEST_DIGITS:
        raise ApplicationError("number_needed", gettext_lazy("Please write a number that we can call."))
    session = speaking.session_for(person_id)
    row = Callback(id=uuid4(), person_id=person_id, when=when if when in Callback.When else Callback.When.SOON)
    row.number_sealed = keys.seal_text(number, callback_binding(row), person_id)
    with translation.override(open_profile(person_id).language):
        text = _(
            "You asked our counsellors to call you: {number}, {when}. "
            "Please don't wait for the call if you are in danger."
        )
        notice = writing.append(
            session=session,
            role=Message.Role.SYSTEM,
            text=text.format(number=number, when=row.get_when_display()),
            provenance={"notice": "callback"},
        )
    row.alert = safety.raise_request(person_id=person_id, session_id=session.pk, message_id=notice.pk, kind="callback")
    row.save(force_insert=True)
    return row


@transaction.atomic
def withdraw_callback(*, person_id: UUID) -> None:
    """The person no longer wants to be called: the alert is closed, the conversation says so."""
    view = callback_of(person_id)
    if view is None or view.is_over:
        return
    row = Callback.objects.select_for_update(of=("self",)).select_related("alert").get(pk=view.id)
    Callback.objects.filter(person_id=person_id, withdrawn_at=None).update(withdrawn_at=timezone.now())
    if row.alert is None:
        return
    with translation.override(open_profile(person_id).language):
        session = ChatSession.objects.get(pk=row.alert.session_id)
        writing.append(session=session, role=Message.Role.SYSTEM, text=_("You took back your wish for a call."))
    safety.close_flags(flag_ids=[row.alert.flag_id])


@transaction.atomic
def wish_check_ins(*, person_id: UUID, is_wanted: bool, by_mail: bool) -> CheckInWish:
    """What the person wants; a "no" takes back the question that is still to come."""
    wish, _new = CheckInWish.objects.update_or_create(
        person_id=person_id, defaults={"is_wanted": is_wanted, "by_mail": is_wanted and by_mail}
    )
    if not is_wanted:
        CheckIn.objects.filter(person_id=person_id, state=CheckIn.State.WAITING).update(state=CheckIn.State.DECLINED)
    return wish


def answer_check_in(*, person_id: UUID, feeling: str, words: str) -> UUID:
    """Take the answer as a message of the person: screened and replied to like any other. Returns its session.

    Raises:
        ApplicationError: not_found where no question was asked, and what `chat.services.post_message` raises.
    """
    row = CheckIn.objects.filter(person_id=person_id, state=CheckIn.State.ASKED).order_by("-asked_at").first()
    if row is None or feeling not in FEELINGS:
        raise ApplicationError("not_found", gettext_lazy("There is no open question."))
    session = speaking.session_for(person_id) if row.session.ended_at else row.session
    with translation.override(open_profile(person_id).language):
        text = "\n".join(part for part in (_sentences()[feeling], words.strip()) if part)
    # Yesterday's words must not make an alarm of "a little better"; what is wrong now is asked for, and has its rule.
    posted = chat.post_message(
        person_id=person_id, session_id=session.pk, client_id=uuid4(), text=text, stands_alone=True
    )
    rule = answers.rule_for("check_in", 1, FEELINGS[feeling])
    with transaction.atomic():
        CheckIn.objects.filter(pk=row.pk).update(state=CheckIn.State.ANSWERED, answered_at=timezone.now())
        if rule is not None:
            safety.raise_from_answers(
                person_id=person_id,
                session_id=session.pk,
                message_id=posted.message.id,
                source="check_in.1",
                level=rule.level,
                kind=rule.kind,
            )
    if posted.turn_id:
        chat.dispatch_turn(turn_id=posted.turn_id)
    return session.pk


def _sentences() -> dict[str, str]:
    return {
        "better": _("I am doing a little better."),
        "same": _("About the same as yesterday."),
        "worse": _("It is worse than yesterday."),
        "unsafe": _("I am not safe right now."),
    }
