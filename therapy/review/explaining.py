"""Looks for the words that drove a flag when somebody reads it, and keeps the places: screening has no time for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from ml.types import ChatTurn
from therapy.chat.models import Message
from therapy.chat.selectors import SITTING, MessageView
from therapy.core import engines
from therapy.safety import screening
from therapy.safety.models import RiskFlag

# As many turns as screening had before it (`chat.selectors.recent_turns`).
_TURNS_BEFORE = 16


def explain_flags(views: Sequence[MessageView], flags: Mapping[UUID, RiskFlag]) -> None:
    """Complete the evidence of the flags of one opened session, oldest message first; places only, never words."""
    spoken = [view for view in views if view.role != Message.Role.SYSTEM]
    for place, view in enumerate(spoken):
        flag = flags.get(view.id)
        if flag is None:
            continue
        earlier = spoken[max(0, place - _TURNS_BEFORE) : place]
        before = [one for one in earlier if one.created_at > view.created_at - SITTING]
        context = tuple(ChatTurn(role=one.role, text=one.text) for one in before)  # type: ignore[arg-type]
        language = engines.detect_language(view.text, "zh" if view.language.startswith("zh") else "en")
        evidence = screening.explain(view.text, context, language, flag.evidence)
        if evidence != flag.evidence:
            flag.evidence = evidence
            flag.save(update_fields=["evidence"])
