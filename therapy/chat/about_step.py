"""Begins a conversation about a step of the plan; a notice in it says which."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import open_profile
from therapy.chat import services, writing
from therapy.chat.models import ChatSession, Message
from therapy.core.errors import ApplicationError
from therapy.plans import selectors as plans

# A talk about the same step is taken up again within a day.
TAKEN_UP_WITHIN = timedelta(days=1)


@transaction.atomic
def talk_about(*, person_id: UUID, item_id: UUID, accept_language: str = "") -> ChatSession:
    """The conversation about a step: today's, or a new one that says which step it is about.

    Raises:
        ApplicationError: not_found, where the step is not an open one of the person's approved plan.
    """
    step = plans.open_step(person_id, item_id)
    if step is None:
        raise ApplicationError("not_found", _("This step is no longer in your plan."))
    # The person's row is the lock: a button pressed twice leads to one conversation.
    User.objects.select_for_update(no_key=True).get(pk=person_id)
    known = _known(person_id, item_id)
    if known is not None:
        return known
    session = services.open_session(person_id=person_id, accept_language=accept_language)
    with translation.override(open_profile(person_id).language):
        text = _("You came here to talk about a step of your plan: “{step}”. What would you like to say about it?")
        writing.append(
            session=session,
            role=Message.Role.SYSTEM,
            text=text.format(step=step.title),
            provenance={"notice": "step", "step": str(item_id)},
        )
    return session


def _known(person_id: UUID, item_id: UUID) -> ChatSession | None:
    message = (
        Message.objects.filter(
            session__person_id=person_id,
            session__ended_at=None,
            session__last_message_at__gt=timezone.now() - TAKEN_UP_WITHIN,
            role=Message.Role.SYSTEM,
            provenance__step=str(item_id),
        )
        .select_related("session")
        .order_by("-session__last_message_at")
        .first()
    )
    return message.session if message else None
