"""Words of danger from outside a conversation, brought into it: as a message of the person, with its flag and reply."""

from __future__ import annotations

import logging
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.selectors import open_profile
from ml.types import RiskAssessment
from therapy.care import speaking
from therapy.chat import services as chat
from therapy.core.errors import ApplicationError
from therapy.safety import services as safety
from therapy.safety.elsewhere import Brought

logger = logging.getLogger(__name__)


@transaction.atomic
def bring(person_id: UUID, source: str, text: str, assessment: RiskAssessment) -> Brought:
    """Post the words where a counsellor can read them; never less than was found is raised."""
    session = speaking.session_for(person_id)
    with translation.override(open_profile(person_id).language):
        said = _said(source)
        prepared = _(
            "What you just wrote worries me, so I am asking you directly: are you thinking of ending your life, or are "
            "you in danger? You can answer here. A counsellor will look at it, and help is above."
        )
    try:
        posted = chat.post_message(
            person_id=person_id, session_id=session.pk, client_id=uuid4(), text=said.replace("{text}", text)
        )
        message_id, turn_id = posted.message.id, posted.turn_id
    except ApplicationError as refused:
        # Too long or too fast for a message: a counsellor must look all the same.
        logger.warning("words from %s not posted (%s): a question stands for them", source, refused.code)
        message_id, turn_id = speaking.say(session, prepared, source=f"elsewhere.{source}").pk, None
    screened = safety.raise_from_answers(
        person_id=person_id,
        session_id=session.pk,
        message_id=message_id,
        source=source,
        level=assessment.level,
        kind=assessment.kind,
    )
    if turn_id is not None:
        owed = turn_id
        transaction.on_commit(lambda: chat.dispatch_turn(turn_id=owed))
    return Brought(screened, session.pk)


def _said(source: str) -> str:
    """Where the words were written, as the person would say it."""
    places = {
        "journal": _("Written in my journal: {text}"),
        "profile": _("Written in my details: {text}"),
        "plans": _("Written about my small steps: {text}"),
    }
    return places.get(source) or _("Written elsewhere: {text}")
