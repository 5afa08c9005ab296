"""Writes of progress: how content somebody is."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.selectors import open_profile
from ml.types import Language, RiskLevel
from therapy.care import speaking
from therapy.chat import services as chat
from therapy.core.errors import ApplicationError
from therapy.progress.models import Satisfaction
from therapy.progress.selectors import binding
from therapy.safety import screening

LONGEST = 1000
SCORES = (1, 2, 3, 4, 5)


def say_how_it_was(*, person_id: UUID, about: str, score: int | None, comment: str) -> UUID | None:
    """Keep an answer. Words that sound like danger become a message in the conversation, so that somebody looks.

    Returns that conversation; None for anything else.

    Raises:
        ApplicationError: bad_answer, or too_long.
    """
    if score is not None and score not in SCORES:
        raise ApplicationError("bad_answer", _("Please choose one of the answers."))
    comment = comment.strip()
    if len(comment) > LONGEST:
        raise ApplicationError("too_long", _("That is too long here. You can say it in a conversation."))
    with transaction.atomic():
        row = Satisfaction(id=uuid4(), person_id=person_id, score=score, at=timezone.now())
        row.about = about if about in Satisfaction.About else Satisfaction.About.WHOLE
        if comment:
            row.comment_sealed = keys.seal_text(comment, binding(row), person_id)
        row.save(force_insert=True)
    return _look(person_id, comment) if comment else None


def _look(person_id: UUID, comment: str) -> UUID | None:
    """Every free word of a person is read for danger, here as in the chat."""
    language: Language = "zh" if open_profile(person_id).language.startswith("zh") else "en"
    if screening.screen(comment, (), language).level < RiskLevel.MODERATE:
        return None
    session = speaking.session_for(person_id)
    posted = chat.post_message(person_id=person_id, session_id=session.pk, client_id=uuid4(), text=comment)
    if posted.turn_id:
        chat.dispatch_turn(turn_id=posted.turn_id)
    return session.pk
