"""What a plan of one person is drafted from: profile, feelings, topics, risk and what they did before."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts import selectors as accounts
from accounts.models import Consent
from accounts.selectors import ProfileView
from ml.planning.inputs import FeelingSeen, PlanInputs
from ml.types import Language, RiskLevel
from therapy.observations import selectors as observations
from therapy.plans.models import PlanItem
from therapy.safety import screening
from therapy.safety import selectors as safety
from therapy.safety.models import RiskFlag

FEELINGS_SINCE, TOPICS_SINCE, FLAGS_SINCE = timedelta(days=14), timedelta(days=30), timedelta(days=90)
READINGS = 100
MOST_GOALS = 10
GOAL_CHARACTERS = 300


def inputs_for(person_id: UUID) -> PlanInputs:
    """Everything a draft may use, opened."""
    profile = accounts.open_profile(person_id)
    language: Language = "zh" if profile.language.startswith("zh") else "en"
    goals = tuple(goal[:GOAL_CHARACTERS] for goal in profile.goal_list[:MOST_GOALS])
    return PlanInputs(
        language=language,
        goals=goals,
        reason=profile.reason,
        feelings=feelings_of(person_id),
        topics=topics_of(person_id),
        risk=risk_of(person_id, profile, language),
        risk_kinds=kinds_of(person_id),
        done=done_by(person_id),
    )


def feelings_of(person_id: UUID) -> tuple[FeelingSeen, ...]:
    """Share and number of each feeling of the last two weeks; none where reading emotions is not agreed to."""
    if not accounts.has_consented(person_id, Consent.Purpose.EMOTION_READING):
        return ()
    since = timezone.now() - FEELINGS_SINCE
    rows = observations.recent(person_id, "emotion", limit=READINGS)
    labels = Counter(str(row.payload.get("label", "")) for row in rows if row.at >= since)
    whole = sum(labels.values())
    return tuple(FeelingSeen(label, count / whole, count) for label, count in sorted(labels.items()))


def topics_of(person_id: UUID) -> tuple[tuple[str, int], ...]:
    """Topics of the last month's talks and how often each came up."""
    since = timezone.now() - TOPICS_SINCE
    rows = observations.recent(person_id, "topic", limit=READINGS)
    found = Counter(str(topic) for row in rows if row.at >= since for topic in row.payload.get("topics", ()))
    return tuple(sorted(found.items()))


def risk_of(person_id: UUID, profile: ProfileView, language: Language) -> RiskLevel:
    """The level that counts now; what stands in the profile is screened too, nobody else has read it for danger."""
    texts = (text for text in (profile.reason, profile.goals) if text.strip())
    levels = (screening.screen(text, (), language).level for text in texts)
    return max(safety.effective_level(person_id), *levels, RiskLevel.NONE)


def kinds_of(person_id: UUID) -> tuple[str, ...]:
    """Kinds of recent risk flags; some are cautions (psychosis, eating, abuse)."""
    since = timezone.now() - FLAGS_SINCE
    rows = RiskFlag.objects.filter(person_id=person_id, created_at__gte=since)
    return tuple(sorted(set(rows.values_list("kind", flat=True))))


def done_by(person_id: UUID) -> frozenset[str]:
    """Techniques the person ticked off in any plan."""
    rows = PlanItem.objects.filter(plan__person_id=person_id, done_at__isnull=False).exclude(technique="")
    return frozenset(rows.values_list("technique", flat=True))
