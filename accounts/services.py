"""Writes about people: profile, consent, readings by staff."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts import keys, reading
from accounts.models import Access, Consent, Profile, User
from accounts.purposes import CONSENT_VERSIONS
from accounts.reading import Help, Written
from accounts.selectors import access_binding, consents_of, open_profile, profile_binding, profile_of

# Free texts of a profile that are read for danger; a name and a telephone number say nothing of that kind.
READ = ("reason", "goals")


def state_age(*, person_id: UUID) -> None:
    """Record that the person said they are old enough; the first time counts."""
    profile_of(person_id)
    Profile.objects.filter(person_id=person_id, adult_stated_at=None).update(adult_stated_at=timezone.now())


def see_disclosure(*, person_id: UUID) -> None:
    """Record that the person has been told that this is an AI, now."""
    profile_of(person_id)
    Profile.objects.filter(person_id=person_id).update(disclosure_seen_at=timezone.now())


def state_age_and_disclosure(*, person_id: UUID) -> None:
    """Record both: old enough, and told that this is an AI."""
    state_age(person_id=person_id)
    see_disclosure(person_id=person_id)


def open_account(*, person_id: UUID, language: str) -> Profile:
    """Begin the profile of a new account, in the language it was made in."""
    return update_profile(person_id=person_id, language=language)


@transaction.atomic
def decide_consents(*, person_id: UUID, decisions: Mapping[str, bool]) -> list[Consent]:
    """Add the decisions that say something new: another answer, or the same answer to a newer text."""
    latest = consents_of(person_id)
    made = []
    for purpose, granted in decisions.items():
        before = latest.get(purpose)
        if before and before.granted == granted and before.text_version == CONSENT_VERSIONS[purpose]:
            continue
        made.append(decide_consent(person_id=person_id, purpose=purpose, granted=granted))
    return made


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


@transaction.atomic
def write_profile(
    *,
    person_id: UUID,
    words: Mapping[str, str],
    language: str | None = None,
    country: str | None = None,
    time_zone: str | None = None,
    onboarded: bool = False,
    accept_language: str = "",
) -> Help | None:
    """Keep what somebody sent about themselves, and have a client's words read for danger; the help to show, if any.

    Staff have no conversation that words could be brought into: theirs are only kept.
    """
    profile_of(person_id)
    # Locked before it is compared: a form that comes twice at once is new once.
    profile = Profile.objects.select_for_update().get(person_id=person_id)
    texts = _free_texts(person_id, words) if profile.person.is_client else []
    update_profile(
        person_id=person_id,
        words=words,
        language=language,
        country=country,
        time_zone=time_zone,
        onboarded=onboarded,
    )
    return reading.read(person_id, texts, accept_language)


def _free_texts(person_id: UUID, words: Mapping[str, str]) -> list[Written]:
    """The free texts that were sent, against those that are kept now."""
    before = open_profile(person_id)
    sent = {name: words[name] for name in READ if words.get(name, "").strip()}
    return [Written(text, is_new=text.split() != getattr(before, name).split()) for name, text in sent.items()]


def log_access(*, actor: User, person_id: UUID, what: str, object_id: UUID, reason: str) -> Access:
    """Write down that a staff member is about to read something of a person's. Call before opening it."""
    access = Access(id=uuid4(), person_id=person_id, actor=actor, actor_role=actor.role, what=what, object_id=object_id)
    access.reason_sealed = keys.seal_text(reason, access_binding(access), person_id)
    access.save(force_insert=True)
    return access
