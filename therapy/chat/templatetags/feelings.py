"""The folded picture of one's feelings, for the chat page."""

from __future__ import annotations

from typing import Any

from django import template

from therapy.chat.models import ChatSession
from therapy.observations import selectors as observations

register = template.Library()


@register.inclusion_tag("chat/_feelings.html")
def feelings(session: ChatSession) -> dict[str, Any]:
    """Where reading emotions is allowed: the picture's control, or a way to bring it back; else nothing at all."""
    return panel(session)


def panel(session: ChatSession, *, done: str = "") -> dict[str, Any]:
    """What the template of the control needs; `done` is what has just been switched, in words."""
    return {
        "session_id": session.pk,
        "is_allowed": observations.may_read_emotion(session.person_id),
        "is_hidden": observations.is_picture_hidden(session.person_id),
        "done": done,
    }
