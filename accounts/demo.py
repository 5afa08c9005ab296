"""Demo accounts of a development machine: made once, known passwords, never in production."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import services
from accounts.models import Consent, Credential, Role, ScenarioResult, User
from accounts.selectors import has_passed_scenarios, valid_credential

PASSWORD = "attune-demo-2026"  # noqa: S105 - known on purpose; see `seed`


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account to log in with."""

    role: str
    username: str
    password: str = PASSWORD


ACCOUNTS = (
    DemoAccount(Role.CLIENT, "demo-client"),
    DemoAccount(Role.COUNSELLOR, "demo-counsellor"),
    DemoAccount(Role.COUNSELLOR, "demo-counsellor-2"),
    DemoAccount(Role.SUPERVISOR, "demo-supervisor"),
    DemoAccount(Role.OPERATOR, "demo-operator"),
)

# What counselling staff may see and change in the admin, by app label. Deleting is for nobody.
_DESK_APPS = ("safety", "review", "plans")


def staff_group(role: str) -> Group:
    """The group of a counselling role, with its permissions brought up to date."""
    group, _ = Group.objects.get_or_create(name=role)
    wanted = Q(codename__startswith="view_") | Q(codename__startswith="change_")
    allowed = Permission.objects.filter(wanted, content_type__app_label__in=_DESK_APPS)
    reviews = Permission.objects.filter(content_type__app_label="review", codename__startswith="add_")
    group.permissions.set(allowed.union(reviews))
    return group


def _client(user: User) -> None:
    """A client who has been through the first pages."""
    services.state_age_and_disclosure(person_id=user.pk)
    decisions = {purpose: purpose != Consent.Purpose.TRAINING for purpose in Consent.Purpose.values}
    services.decide_consents(person_id=user.pk, decisions=decisions)
    services.update_profile(
        person_id=user.pk,
        words={"name": "Robin", "reason": "Work follows me home.", "goals": "Sleep through\nSee friends again"},
        country="US",
        time_zone="America/New_York",
        onboarded=True,
    )


def certify(user: User) -> None:
    """A certificate for two years and a passed scenario test, where one is missing. For demo people and tests."""
    now = timezone.now()
    if valid_credential(user, now) is None:
        Credential.objects.create(
            user=user,
            title="Demo certificate",
            issuer="nobody: made for trying Attune out",
            valid_from=now.date() - timedelta(days=1),
            valid_until=now.date() + timedelta(days=730),
            verified_at=now,
        )
    if not has_passed_scenarios(user):
        ScenarioResult.objects.create(user=user, version="demo", score=1, out_of=1, has_passed=True)


def _ensure(account: DemoAccount) -> None:
    """Make one account if it is not there; an existing one keeps its profile and gets the known password again."""
    user, made = User.objects.get_or_create(username=account.username, defaults={"role": account.role})
    user.role = account.role
    user.is_staff = account.role != Role.CLIENT
    user.is_superuser = account.role == Role.OPERATOR
    if made or not user.check_password(account.password):
        user.set_password(account.password)
    if account.role in (Role.COUNSELLOR, Role.SUPERVISOR) and not user.email:
        user.email = f"{account.username}@localhost"
    user.save()
    if account.role in (Role.COUNSELLOR, Role.SUPERVISOR):
        user.groups.set([staff_group(account.role)])
        certify(user)
    if made and account.role == Role.CLIENT:
        _client(user)


@transaction.atomic
def seed() -> tuple[DemoAccount, ...]:
    """All demo accounts, ready. Twice is as good as once."""
    for account in ACCOUNTS:
        _ensure(account)
    return ACCOUNTS
