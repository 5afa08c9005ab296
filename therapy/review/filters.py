"""Filters of the queue: language, and whose work it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Access
from therapy.review.kinds import NAMES
from therapy.review.models import Assignment, Claim
from therapy.safety.models import RiskFlag


def with_unread(flags: QuerySet[RiskFlag]) -> QuerySet[RiskFlag]:
    """Each flag with `is_unread`: nobody has opened its conversation since it was raised."""
    readings = Access.objects.filter(object_id=OuterRef("session_id"), at__gte=OuterRef("created_at"))
    return flags.annotate(is_unread=~Exists(readings))


def with_claims(flags: QuerySet[RiskFlag], user_id: UUID) -> QuerySet[RiskFlag]:
    """Each flag with `is_taken`: a colleague works on its conversation now."""
    running = Claim.objects.filter(session_id=OuterRef("session_id"), until__gt=timezone.now())
    return flags.annotate(is_taken=Exists(running.exclude(user_id=user_id)))


class LanguageFilter(SimpleListFilter):
    """The language of the conversation."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Both."""
        return [("en", "English"), ("zh", "中文")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Conversations in one language."""
        return queryset.filter(session__language=self.value()) if self.value() else queryset


class KindFilter(SimpleListFilter):
    """The kind of risk, in words."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Kinds that occur."""
        found = RiskFlag.objects.order_by().values_list("kind", flat=True).distinct()
        return [(kind, NAMES.get(kind, kind)) for kind in sorted(found)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Flags of one kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class WorkFilter(SimpleListFilter):
    """Mine, free, or unread."""

    title = _("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Three views of the queue."""
        return [("mine", _("mine")), ("free", _("free")), ("unread", _("unread"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Claimed by or assigned to me; claimed by nobody; opened by nobody."""
        now = timezone.now()
        if self.value() == "mine":
            cases = Assignment.objects.filter(counsellor_id=request.user.pk, ended_at=None).values("person_id")
            claimed = Q(session__claim__user_id=request.user.pk, session__claim__until__gt=now)
            return queryset.filter(claimed | Q(person_id__in=cases))
        if self.value() == "free":
            return queryset.exclude(session__claim__until__gt=now)
        if self.value() == "unread":
            return queryset.filter(is_unread=True)
        return queryset
