"""The queue of flags and the pages behind it. Counselling staff only; no person's words in any list, log or URL."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import User
from therapy.review import pages, selectors, services
from therapy.review.forms import ReasonForm, ReviewForm
from therapy.review.kinds import kind_name
from therapy.safety import services as safety
from therapy.safety.models import Alert, Level, RiskFlag


def level_badge(level: int) -> SafeString:
    """A level as a badge: colour, sign and word, so that none of them carries it alone."""
    sign = {Level.IMMINENT: "▲▲", Level.HIGH: "▲", Level.MODERATE: "●"}.get(Level(level), "○")
    return format_html('<span class="desk-level desk-level--{}">{} {}</span>', level, sign, Level(level).label)


def alert_state(alert: Alert) -> str:
    """Where an alert stands, in one or two words."""
    if alert.resolved_at:
        return str(_("closed"))
    if alert.acknowledged_at:
        return str(_("taken"))
    return str(alert.get_status_display())


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _is_counselling(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_counselling_staff


@admin.register(RiskFlag)
class RiskFlagAdmin(ModelAdmin):  # type: ignore[misc]
    """Flags as a queue: open first, then by level, then the oldest."""

    list_display = ("shown_level", "shown_kind", "shown_language", "shown_age", "shown_state", "shown_alerts")
    list_display_links = ("shown_level",)
    list_filter = ("state", "level", "kind")
    list_filter_submit = False
    list_per_page = 50
    ordering = ("state", "-level", "created_at")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[RiskFlag]:
        """Flags with what the columns need, in three queries whatever the number of rows."""
        flags: QuerySet[RiskFlag] = super().get_queryset(request)
        return flags.select_related("session").prefetch_related("alerts")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Counsellors and supervisors."""
        return _is_counselling(request)

    def has_view_permission(self, request: HttpRequest, obj: RiskFlag | None = None) -> bool:
        """Counsellors and supervisors."""
        return _is_counselling(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Flags come from screening only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: RiskFlag | None = None) -> bool:
        """A flag is closed by a review, never edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RiskFlag | None = None) -> bool:
        """Flags go with the person's data, never by hand."""
        return False

    @display(description=_("level"), ordering="level")  # type: ignore[untyped-decorator]
    def shown_level(self, flag: RiskFlag) -> SafeString:
        """Level badge."""
        return level_badge(flag.level)

    @display(description=_("kind"), ordering="kind")  # type: ignore[untyped-decorator]
    def shown_kind(self, flag: RiskFlag) -> str:
        """Kind in words."""
        return kind_name(flag.kind)

    @display(description=_("language"))  # type: ignore[untyped-decorator]
    def shown_language(self, flag: RiskFlag) -> str:
        """Language of the conversation."""
        return "中文" if flag.session.language == "zh" else "English"

    @display(description=_("waiting"), ordering="created_at")  # type: ignore[untyped-decorator]
    def shown_age(self, flag: RiskFlag) -> SafeString:
        """Time since the message."""
        return format_html(
            '<time datetime="{}">{}</time>', flag.created_at.isoformat(), timesince(flag.created_at, depth=1)
        )

    @display(description=_("state"), label={"open": "warning", "disputed": "info", "reviewed": "success"})  # type: ignore[untyped-decorator]
    def shown_state(self, flag: RiskFlag) -> tuple[str, str]:
        """Open, disputed by the person, or reviewed."""
        if flag.disputed_at and flag.state == RiskFlag.State.OPEN:
            return "disputed", str(_("open, disputed"))
        return flag.state, str(flag.get_state_display())

    @display(description=_("alert"))  # type: ignore[untyped-decorator]
    def shown_alerts(self, flag: RiskFlag) -> str:
        """Where the alert of this flag stands."""
        return ", ".join(str(alert_state(alert)) for alert in flag.alerts.all()) or "–"

    def get_urls(self) -> list[URLPattern]:
        """The pages behind a flag."""
        wrap = self.admin_site.admin_view
        own = [
            path("hotlines/", wrap(self.hotlines_view), name="safety_hotlines"),
            path("<uuid:flag_id>/open/", wrap(self.open_view), name="safety_riskflag_open"),
            path("<uuid:flag_id>/take/", wrap(self.take_view), name="safety_riskflag_take"),
            path("<uuid:flag_id>/read/<uuid:access_id>/", wrap(self.read_view), name="safety_riskflag_read"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The front page of a flag: facts, alerts, and the question why it is opened. No words of the person."""
        flag = self._flag(request, _uuid(object_id))
        return self._page(request, "review/flag.html", pages.flag_page(flag) | {"form": ReasonForm()})

    def open_view(self, request: HttpRequest, flag_id: UUID) -> HttpResponse:
        """Take the reason, write it down, go to the transcript."""
        flag = self._flag(request, flag_id)
        form = ReasonForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "review/flag.html", pages.flag_page(flag) | {"form": form})
        access = services.open_transcript(user=_user(request), flag_id=flag_id, reason=form.cleaned_data["reason"])
        return HttpResponseRedirect(reverse("admin:safety_riskflag_read", args=[flag_id, access.pk]))

    def read_view(self, request: HttpRequest, flag_id: UUID, access_id: UUID) -> HttpResponse:
        """The transcript, decrypted for this view, and the decision (POST). Only within a reading of one's own."""
        flag = self._flag(request, flag_id)
        access = selectors.reading(access_id=access_id, user=_user(request), session_id=flag.session_id)
        if access is None:
            messages.warning(request, _("This reading has ended. Please give a reason again."))
            return HttpResponseRedirect(reverse("admin:safety_riskflag_change", args=[flag_id]))
        form = ReviewForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            services.review_flag(user=_user(request), flag_id=flag_id, **form.cleaned_data)
            messages.success(request, _("Reviewed. The alerts of this flag are closed."))
            return HttpResponseRedirect(reverse("admin:safety_riskflag_changelist"))
        context = pages.transcript_page(flag, access) | {"form": form}
        return self._page(request, "review/transcript.html", context)

    def take_view(self, request: HttpRequest, flag_id: UUID) -> HttpResponse:
        """Acknowledge the alerts of a flag."""
        flag = self._flag(request, flag_id)
        if request.method == "POST":
            taken = [safety.acknowledge_alert(alert_id=alert.pk, user=_user(request)) for alert in flag.alerts.all()]
            text = _("You have taken this alert.") if any(taken) else _("Somebody has already taken this alert.")
            messages.info(request, text)
        return HttpResponseRedirect(reverse("admin:safety_riskflag_change", args=[flag_id]))

    def hotlines_view(self, request: HttpRequest) -> HttpResponse:
        """The table of crisis lines with its sources and age (HL-02)."""
        return self._page(request, "review/hotlines.html", pages.hotlines_page())

    def _flag(self, request: HttpRequest, flag_id: UUID | None) -> RiskFlag:
        if not _is_counselling(request) or flag_id is None:
            raise Http404
        return get_object_or_404(RiskFlag.objects.select_related("session").prefetch_related("alerts"), pk=flag_id)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        if not _is_counselling(request):
            raise Http404
        shared = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        response = render(request, template, shared)
        response["Cache-Control"] = "no-store"
        return response
