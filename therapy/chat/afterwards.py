"""What follows a written reply: what was read of the message is kept, a little remembered, a plan offered.

Nothing here can undo the reply; a step that fails is logged by `turn.run` and the reply stays.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from django.db import transaction

from ml.types import RiskLevel
from therapy.chat import leases, selectors, writing
from therapy.memory import services as memory
from therapy.observations import services as observations
from therapy.plans import services as plan_services
from therapy.safety.selectors import effective_level

if TYPE_CHECKING:
    from therapy.chat.turn import TurnState


def record_observations(state: TurnState) -> None:
    """Keep what was read of the message, sealed; the plan is drafted from it. Call in the reply's transaction."""
    person_id, message_id = state.session.person_id, state.message.pk
    if state.emotion is not None:
        reading = asdict(replace(state.emotion, scores=dict(state.emotion.scores)))
        observations.record(person_id=person_id, kind="emotion", payload=reading, source="chat", message_id=message_id)
    if state.topics:
        payload = {"topics": list(state.topics)}
        observations.record(person_id=person_id, kind="topic", payload=payload, source="chat", message_id=message_id)


def offer_plan(state: TurnState) -> None:
    """After a first talk: ask for a draft of the personal plan, and say so where no counsellor speaks by now.

    While somebody is in danger nothing speaks of plans: the offer waits for a calmer day.
    """
    person_id = state.session.person_id
    if effective_level(person_id) >= RiskLevel.HIGH:
        return
    if plan_services.request_draft_if_ready(person_id=person_id, user_messages=selectors.count_answered(person_id)):
        with transaction.atomic():
            if leases.still_speaks(state.claim):
                writing.append_notice(state.session, "plan")


def remember(state: TurnState) -> None:
    """Keep what the message says that may be remembered, where the person allows it; nothing of one about danger."""
    if state.message.risk_level > RiskLevel.NONE:
        return
    memory.notice(
        person_id=state.session.person_id,
        session_id=state.session.pk,
        message_id=state.message.pk,
        text=state.text,
        language=state.language,
        said_at=state.message.created_at,
    )


# In this order, once the reply is written.
STEPS = (remember, offer_plan)
