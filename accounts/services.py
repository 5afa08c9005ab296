"""Writes about people: profile, consent, readings by staff."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts import keys
from accounts.models import Access, Consent, Profile, User
from accounts.selectors import access_binding, profile_binding, profile_of

# Versions of the texts that a person agrees to; a changed text gets a new version, and the decision is asked again.
CONSENT_VERSIONS: Mapping[str, str] = {
    Consent.Purpose.SERVICE: "2026-11",
    Consent.Purpose.HEALTH_DATA: "2026-11",
    Consent.Purpose.EMOTION_READING: "2026-11",
    Consent.Purpose.TRAINING: "2026-11",
}


def state_age_and_disclosure(*, person_id: UUID) -> None:
    """Record that the person said they are old enough and has seen that this is an AI."""
    now = timezone.now()
    profile_of(person_id)
    Profile.objects.filter(person_id=person_id).update(adult_stated_at=now, disclosure_seen_at=now)


def decide_consent(*, person_id: UUID, purpose: str, granted: bool) -> Consent:
    """Add a decision; earlier ones stay as history."""
    return Consent.objects.create(
        person_id=person_id, purpose=purpose, granted=granted, text_version=CONSENT_VERSIONS[purpose]
    )


@transaction.atomic
def update_profile(
    *,
    person_id: UUID,
    words: Mapping[str, str] | None = None,
    language: str | None = None,
    country: str | None = None,
    time_zone: str | None = None,
    onboarded: bool = False,
) -> Profile:
    """Change settings and sealed words of a profile. `words` maps names of `Profile.SEALED` to plain text."""
    profile_of(person_id)
    profile = Profile.objects.select_for_update().get(person_id=person_id)
    for field, text in (words or {}).items():
        if field not in Profile.SEALED:
            raise ValueError(f"not a sealed profile field: {field}")
        sealed = keys.seal_text(text, profile_binding(profile, field), person_id) if text else None
        setattr(profile, f"{field}_sealed", sealed)
    for name, value in (("language", language), ("country", country), ("time_zone", time_zone)):
        if value is not None:
            setattr(profile, name, value)
    if onboarded and profile.onboarded_at is None:
        profile.onboarded_at = timezone.now()
    profile.save()
    return profile


def log_access(*, actor: User, person_id: UUID, what: str, object_id: UUID, reason: str) -> Access:
    """Write down that a staff member is about to read something of a person's. Call before opening it."""
    access = Access(
        id=uuid4(), person_id=person_id, actor=actor, actor_role=actor.role, what=what, object_id=object_id
    )
    access.reason_sealed = keys.seal_text(reason, access_binding(access), person_id)
    access.save(force_insert=True)
    return access
