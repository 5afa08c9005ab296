"""What `accounts` itself keeps about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts import selectors
from accounts.models import Access, Consent, Profile, User
from accounts.purposes import PURPOSES

MODELS = (Profile, Consent, Access)


def export(person_id: UUID) -> dict[str, Any]:
    """Account, profile, decisions and readings by staff."""
    user = User.objects.get(pk=person_id)
    profile = selectors.open_profile(person_id)
    titles = {text.purpose: str(text.title) for text in PURPOSES}
    return {
        "account": {"user_name": user.username, "e_mail": user.email, "created_at": user.date_joined},
        "profile": {
            "name": profile.name,
            "pronouns": profile.pronouns,
            "language": profile.language,
            "country": profile.country,
            "time_zone": profile.time_zone,
            "reason": profile.reason,
            "goals": list(profile.goal_list),
            "emergency_contact": profile.emergency_contact,
            "age_stated_at": profile.adult_stated_at,
        },
        "consents": [
            {
                "purpose": titles[row.purpose],
                "granted": row.granted,
                "text_version": row.text_version,
                "decided_at": row.decided_at,
            }
            for row in selectors.consent_history(person_id)
        ],
        "read_by_staff": [
            {"at": seen.at, "what": seen.what, "role": seen.actor_role, "reason": seen.reason}
            for seen in selectors.accesses_to(person_id)
        ],
    }


def erase(person_id: UUID) -> int:
    """Delete profile, decisions and readings; the account itself goes last, with the key."""
    return sum(model.objects.filter(person_id=person_id).delete()[0] for model in MODELS)
