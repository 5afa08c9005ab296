"""Which steps of the plan a reply knows: in a conversation about one of them, that one stands first."""

from __future__ import annotations

from uuid import UUID

from therapy.chat.models import ChatSession
from therapy.plans import selectors as plans


def steps_for_prompt(session: ChatSession) -> tuple[str, ...]:
    """Open steps of the approved plan; the one this conversation is about stands first."""
    titles = plans.steps_for_prompt(session.person_id)
    notice = session.messages.filter(provenance__notice="step").order_by("seq").first()
    step = plans.open_step(session.person_id, UUID(notice.provenance["step"])) if notice else None
    if step is None:
        return titles
    return (step.title, *(title for title in titles if title != step.title))
