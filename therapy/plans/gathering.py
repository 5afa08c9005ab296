"""What a plan is drafted from: profile, feelings, topics, scores, risk, and what the person did, rated, declined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from accounts import selectors as accounts
from accounts.models import Consent
from accounts.selectors import ProfileView
from ml.planning.inputs import (
    DeclineReason,
    DeclineSeen,
    FeelingSeen,
    FollowedSeen,
    PlanInputs,
    RatingSeen,
    ScoreSeen,
    seed_of,
)
from ml.types import Language, RiskLevel
from therapy.core import domain
from therapy.observations import selectors as observations
from therapy.plans.models import Plan, PlanItem
from therapy.plans.selectors import reason_of
from therapy.safety import screening
from therapy.safety import selectors as safety
from therapy.safety.models import RiskFlag

FEELINGS_SINCE, TOPICS_SINCE, FLAGS_SINCE = timedelta(days=14), timedelta(days=30), timedelta(days=90)
READINGS = 100
MOST_GOALS = 10
GOAL_CHARACTERS = 300
INSTRUMENTS = ("phq9", "gad7", "who5", "pss10")
# A score counts for so long; an older one says little about today.
SCORES_SINCE = timedelta(days=60)
SCORES_READ, RATINGS_READ = 40, 200


def inputs_for(person_id: UUID, *, version: int = 1) -> PlanInputs:
    """Everything a draft of that version may use, opened."""
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
        scores=scores_of(person_id),
        ratings=ratings_of(person_id),
        followed=followed_by(person_id),
        declines=declines_of(person_id),
        reviewed_only=settings.LIBRARY_REQUIRES_REVIEW,
        week=week_of(person_id),
        seed=seed_of(str(person_id), version),
        weights=tuple(domain.current().weights.items()),
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
    """The level that counts now; what stands in the profile counts too, however long ago it was read for danger."""
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


def scores_of(person_id: UUID, *, since: datetime | None = None) -> tuple[ScoreSeen, ...]:
    """The newest score of each questionnaire, with its change since the approved plan was drafted.

    Where none was known then, the change is against the score before; a first score has none.
    """
    base = since or _base_drafted_at(person_id)
    now = timezone.now()
    found = []
    for instrument in INSTRUMENTS:
        rows = [row for row in observations.recent(person_id, f"score.{instrument}", limit=SCORES_READ) if _total(row)]
        if not rows or rows[0].at < now - SCORES_SINCE:
            continue
        newest = rows[0]
        counted = next((row for row in rows[1:] if base is not None and row.at <= base), None)
        former = counted or (rows[1] if len(rows) > 1 else None)
        change = newest.payload["total"] - former.payload["total"] if former else None
        # What was already there when the plan was drafted is no news.
        if base is not None and newest.at <= base:
            change = None
        found.append(
            ScoreSeen(
                instrument,
                newest.payload["total"],
                band=str(newest.payload.get("band", "")),
                change=change,
                days_ago=(now - newest.at).days,
            )
        )
    return tuple(found)


def _total(row: observations.ObservationView) -> bool:
    return type(row.payload.get("total")) is int


def _base_drafted_at(person_id: UUID) -> datetime | None:
    row = Plan.objects.filter(person_id=person_id, state=Plan.State.ACTIVE).order_by("-version").first()
    return row.drafted_at if row else None


def ratings_of(person_id: UUID) -> tuple[RatingSeen, ...]:
    """Both numbers of each time a technique was done and rated."""
    now = timezone.now()
    rows = observations.recent(person_id, "rating", limit=RATINGS_READ)
    return tuple(
        RatingSeen(row.payload["technique"], row.payload["before"], row.payload["after"], (now - row.at).days)
        for row in rows
        if row.payload.get("technique") and None not in (row.payload.get("before"), row.payload.get("after"))
    )


def followed_by(person_id: UUID) -> tuple[FollowedSeen, ...]:
    """How often each technique of an approved plan was due so far, and how often it was done."""
    plans = list(Plan.objects.filter(person_id=person_id, approved_at__isnull=False).order_by("approved_at"))
    now = timezone.now()
    ends = [*(plan.approved_at for plan in plans[1:]), now]
    offered: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for plan, end in zip(plans, ends, strict=False):
        assert plan.approved_at is not None
        assert end is not None
        for item in plan.items.exclude(technique="").annotate(times=Count("runs")):
            until = min(end, item.removed_at or end)
            days = max(0, (until - plan.approved_at).days - 7 * (item.from_week - 1))
            done[item.technique] += item.times
            offered[item.technique] += max(item.times, round(item.per_week * days / 7))
    return tuple(FollowedSeen(key, offered[key], done[key]) for key in sorted(offered) if offered[key])


def declines_of(person_id: UUID) -> tuple[DeclineSeen, ...]:
    """Techniques the person took out, and why; without a word about it, the reason is `other`."""
    rows = PlanItem.objects.filter(plan__person_id=person_id, removed_at__isnull=False).exclude(technique="")
    return tuple(_declines(rows.order_by("-removed_at")[:100], person_id))


def _declines(rows: Iterable[PlanItem], person_id: UUID) -> Iterable[DeclineSeen]:
    now = timezone.now()
    for row in rows:
        assert row.removed_at is not None
        reason = reason_of(row, person_id)[0] or "other"
        yield DeclineSeen(row.technique, cast(DeclineReason, reason), (now - row.removed_at).days)


def week_of(person_id: UUID) -> int:
    """Weeks since the first approved plan, from 1."""
    first = Plan.objects.filter(person_id=person_id, approved_at__isnull=False).order_by("approved_at").first()
    if first is None or first.approved_at is None:
        return 1
    return max(0, (timezone.now() - first.approved_at).days) // 7 + 1
