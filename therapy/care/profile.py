"""Words of a profile (why somebody is here, what they hope for): read for danger like a message (CR-01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.reading import Help, Written
from accounts.selectors import profile_of
from ml.types import Language
from therapy.safety import elsewhere
from therapy.safety.models import RiskFlag

# A form sent twice shows help twice; later, words that stand there unchanged are no news.
AGAIN = timedelta(minutes=5)


def read(person_id: UUID, texts: Sequence[Written], accept_language: str) -> Help | None:
    """Bring new words of danger into the conversation; what help to show, or None where there is nothing to do."""
    language: Language = "zh" if profile_of(person_id).language.startswith("zh") else "en"
    looked = texts if _was_flagged(person_id) else [one for one in texts if one.is_new]
    found = [(one, elsewhere.look_at(one.text, fallback=language)) for one in looked]
    dangerous = [(one, assessment) for one, assessment in found if assessment]
    if not dangerous:
        return None
    dangerous.sort(key=lambda pair: -pair[1].level)
    brought = [
        elsewhere.bring(person_id=person_id, source="profile", text=one.text, assessment=assessment)
        for one, assessment in dangerous
        if one.is_new
    ]
    first = next((one for one in brought if one), None)
    return {"card": elsewhere.card_for(person_id, dangerous[0][1], first, accept_language), "brought": first}


def _was_flagged(person_id: UUID) -> bool:
    """Whether danger was found just now, as when the same form came a moment ago."""
    return RiskFlag.objects.filter(person_id=person_id, created_at__gte=timezone.now() - AGAIN).exists()
