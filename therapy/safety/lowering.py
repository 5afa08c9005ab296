"""Staff lower a person's level, with a reason that is kept: beside time, the only way down after danger (CR-03)."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.crypto import Binding
from accounts.models import User
from ml.types import RiskLevel
from therapy.core.errors import ApplicationError
from therapy.safety import person_risk
from therapy.safety.models import RiskLowered

SHORTEST_REASON = 5


def reason_binding(row: RiskLowered) -> Binding:
    """Where a sealed reason belongs; sealed with the key of the person it is about."""
    return Binding("safety_risklowered", "reason_sealed", row.pk, row.person_id)


@transaction.atomic
def lower_person_risk(*, person_id: UUID, user: User, level: RiskLevel, reason: str) -> RiskLowered:
    """Lower the stored level to `level` and keep who did it and why.

    Raises:
        ApplicationError: forbidden, reason_needed, not_lower, or alerts_open where danger is not yet decided about.
    """
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can lower a level."))
    if len(reason.strip()) < SHORTEST_REASON:
        raise ApplicationError("reason_needed", _("Please say why the level is lowered."))
    if level < person_risk.floor_of(person_id):
        raise ApplicationError("alerts_open", _("There are open alerts of this person. Decide about them first."))
    before, after = person_risk.lower(person_id, level)
    if after >= before:
        raise ApplicationError("not_lower", _("The level is not above that."))
    row = RiskLowered(id=uuid4(), person_id=person_id, by=user, from_level=before, to_level=after)
    row.reason_sealed = keys.seal_text(reason.strip(), reason_binding(row), person_id)
    row.save(force_insert=True)
    return row
