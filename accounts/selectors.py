"""Reads about people: profile, consent, who read what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts import keys
from accounts.crypto import Binding
from accounts.models import Access, Consent, Credential, Profile, Role, ScenarioResult, User
from accounts.purposes import CONSENT_VERSIONS, is_offered


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A person's profile in the clear, for themselves and for the reply's context."""

    language: str
    country: str
    time_zone: str
    name: str
    pronouns: str
    reason: str
    goals: str
    emergency_contact: str
    adult_stated_at: datetime | None
    onboarded_at: datetime | None

    @property
    def goal_list(self) -> tuple[str, ...]:
        """Goals, one a line."""
        return tuple(line.strip() for line in self.goals.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class AccessView:
    """One reading by staff, as the person sees it."""

    at: datetime
    what: str
    actor_role: str
    actor_name: str
    reason: str


def profile_binding(profile: Profile, field: str) -> Binding:
    """Where a sealed profile field belongs."""
    return Binding("accounts_profile", f"{field}_sealed", profile.pk, profile.person_id)


def profile_of(person_id: UUID) -> Profile:
    """The profile row; made empty at first need."""
    return Profile.objects.get_or_create(person_id=person_id)[0]


def open_profile(person_id: UUID) -> ProfileView:
    """The profile with its sealed fields opened."""
    row = profile_of(person_id)
    words = {
        field: keys.unseal_text(getattr(row, f"{field}_sealed"), profile_binding(row, field), person_id)
        for field in Profile.SEALED
    }
    return ProfileView(
        language=row.language,
        country=row.country,
        time_zone=row.time_zone,
        adult_stated_at=row.adult_stated_at,
        onboarded_at=row.onboarded_at,
        **words,
    )


def consents_of(person_id: UUID) -> dict[str, Consent]:
    """The latest decision per purpose."""
    latest: dict[str, Consent] = {}
    for consent in Consent.objects.filter(person_id=person_id).order_by("decided_at"):
        latest[consent.purpose] = consent
    return latest


def consent_history(person_id: UUID) -> list[Consent]:
    """Every decision, newest first."""
    return list(Consent.objects.filter(person_id=person_id).order_by("-decided_at"))


def has_consented(person_id: UUID, purpose: str) -> bool:
    """Whether the latest decision on a purpose is a yes and this installation does it at all. No decision is a no."""
    if not is_offered(purpose):
        return False
    row = Consent.objects.filter(person_id=person_id, purpose=purpose).order_by("-decided_at").first()
    return row is not None and row.granted


def may_use_service(person_id: UUID) -> bool:
    """Age stated, disclosure seen and today's text of the service agreed to: the door to chat and plan."""
    row = profile_of(person_id)
    if not (row.adult_stated_at and row.disclosure_seen_at):
        return False
    consent = (
        Consent.objects.filter(person_id=person_id, purpose=Consent.Purpose.SERVICE).order_by("-decided_at").first()
    )
    return consent is not None and consent.granted and consent.text_version == CONSENT_VERSIONS[Consent.Purpose.SERVICE]


def access_binding(access: Access) -> Binding:
    """Where a sealed reason belongs. The reason is sealed with the key of the person it is about."""
    return Binding("accounts_access", "reason_sealed", access.pk, access.person_id)


def accesses_to(person_id: UUID) -> list[AccessView]:
    """Every reading of a person's words by staff, newest first."""
    rows = Access.objects.filter(person_id=person_id).select_related("actor").order_by("-at")
    return [
        AccessView(
            at=row.at,
            what=row.get_what_display(),
            actor_role=row.get_actor_role_display(),
            actor_name=row.actor.username if row.actor else "",
            reason=keys.unseal_text(row.reason_sealed, access_binding(row), person_id),
        )
        for row in rows
    ]


def staff_on_alert() -> list[User]:
    """Active counsellors and supervisors."""
    return list(User.objects.filter(is_active=True, is_staff=True, role__in=[Role.COUNSELLOR, Role.SUPERVISOR]))


def valid_credential(user: User, now: datetime) -> Credential | None:
    """The certificate that lasts longest of those that hold at `now`; None where none does."""
    today = now.date()
    return (
        Credential.objects.filter(user=user, verified_at__lte=now, revoked_at=None)
        .filter(valid_from__lte=today, valid_until__gte=today)
        .order_by("-valid_until")
        .first()
    )


def has_passed_scenarios(user: User) -> bool:
    """Whether the scenario test of the desk was passed at some time."""
    return ScenarioResult.objects.filter(user=user, has_passed=True).exists()


def is_certified(user: User, now: datetime) -> bool:
    """Counselling staff with a certificate that holds and a passed scenario test."""
    return user.is_counselling_staff and valid_credential(user, now) is not None and has_passed_scenarios(user)


def has_second_factor(user: User) -> bool:
    """Whether a code generator or a security key is set up; recovery codes alone are no second factor."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())


def may_be_on_call(user: User, now: datetime) -> bool:
    """Whether alerts may be sent to this person: certified, and able to open what an alert points at."""
    return is_certified(user, now) and (not settings.STAFF_MFA_REQUIRED or has_second_factor(user))
