"""The queue of flags and the pages behind it. Counselling staff only; no person's words in any list, log or URL."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import User
from therapy.core.errors import ApplicationError
from therapy.review import case_views, claims, filters, pages, quality_views, selectors, services, supervision_views
from therapy.review.desk import desk_view, page, user_of
from therapy.review.forms import ReasonForm, ReviewForm
from therapy.review.kinds import kind_name
from therapy.safety import drills
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


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _is_counselling(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_counselling_staff


@admin.register(RiskFlag)
class RiskFlagAdmin(ModelAdmin):  # type: ignore[misc]
    """Flags as a queue: open first, then by level, then the oldest; what a colleague works on is greyed."""

    list_display = (
        "shown_level",
        "shown_kind",
        "shown_language",
        "shown_age",
        "shown_state",
        "shown_alerts",
        "shown_claim",
    )
    list_display_links = ("shown_level",)
    list_filter = ("state", "level", filters.KindFilter, filters.LanguageFilter, filters.WorkFilter)
    list_filter_submit = False
    list_before_template = "review/_desk_now.html"
    list_per_page = 50
    ordering = ("state", "-level", "created_at")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[RiskFlag]:
        """Flags with what the columns need, in three queries whatever the number of rows; none of a drill."""
        flags: QuerySet[RiskFlag] = super().get_queryset(request).exclude(person_id=drills.PERSON_ID)
        assert isinstance(request.user, User)
        shown = filters.with_claims(filters.with_unread(flags), request.user.pk)
        return shown.select_related("session__claim__user").prefetch_related("alerts")

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
    def shown_kind(self, flag: RiskFlag) -> SafeString:
        """Kind in words; a dot where nobody has opened the conversation since."""
        dot = format_html('<span class="desk-unread" title="{}">●</span> ', _("unread"))
        is_unread = flag.state == RiskFlag.State.OPEN and getattr(flag, "is_unread", False)
        return format_html("{}{}", dot if is_unread else "", kind_name(flag.kind))

    @display(description=_("language"))  # type: ignore[untyped-decorator]
    def shown_language(self, flag: RiskFlag) -> str:
        """Language of the conversation."""
        return pages.language_name(flag.session)

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

    @display(description=_("at work"))  # type: ignore[untyped-decorator]
    def shown_claim(self, flag: RiskFlag) -> SafeString | str:
        """Who works on it now."""
        claim = getattr(flag.session, "claim", None)
        if claim is None or claim.until <= timezone.now():
            return "–"
        style = "desk-claim desk-claim--taken" if getattr(flag, "is_taken", False) else "desk-claim"
        return format_html('<span class="{}" data-claimed-by="{}">{}</span>', style, claim.user_id, claim.user.username)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The queue, with who is at the desk."""
        if not _is_counselling(request):
            return super().changelist_view(request, extra_context)  # type: ignore[no-any-return]
        claims.note_presence(user=user_of(request))
        shown = {"present": claims.at_the_desk(), "me": request.user, **(extra_context or {})}
        return super().changelist_view(request, shown)  # type: ignore[no-any-return]

    def get_urls(self) -> list[URLPattern]:
        """The pages behind a flag, behind a case, and those about quality."""
        own = [
            path("hotlines/", self.hotlines_view, name="safety_hotlines"),
            path("<uuid:flag_id>/open/", self.open_view, name="safety_riskflag_open"),
            path("<uuid:flag_id>/take/", self.take_view, name="safety_riskflag_take"),
            path("<uuid:flag_id>/read/<uuid:access_id>/", self.read_view, name="safety_riskflag_read"),
            *case_views.routes(),
            *quality_views.routes(),
            *supervision_views.routes(),
        ]
        for route in own:
            route.callback = self.admin_site.admin_view(desk_view(route.callback))
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The front page of a flag: facts, alerts, and the question why it is opened. No words of the person."""
        flag = self._flag(request, _uuid(object_id))
        return page(request, "review/flag.html", pages.flag_page(flag, user_of(request)) | {"form": ReasonForm()})

    def open_view(self, request: HttpRequest, flag_id: UUID) -> HttpResponse:
        """Take the reason, write it down, claim the conversation, go to the transcript."""
        flag = self._flag(request, flag_id)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason, is_relieving = form.cleaned_data["reason"], "relieve" in request.POST
            try:
                access = services.open_transcript(
                    user=user_of(request), flag_id=flag_id, reason=reason, is_relieving=is_relieving
                )
            except ApplicationError as error:
                form.add_error("reason", str(error.text))
            else:
                return HttpResponseRedirect(reverse("admin:safety_riskflag_read", args=[flag_id, access.pk]))
        return page(request, "review/flag.html", pages.flag_page(flag, user_of(request)) | {"form": form})

    def read_view(self, request: HttpRequest, flag_id: UUID, access_id: UUID) -> HttpResponse:
        """The transcript, decrypted for this view, and the decision (POST). Only within a reading of one's own."""
        flag, user = self._flag(request, flag_id), user_of(request)
        access = selectors.reading(access_id=access_id, user=user, session_id=flag.session_id)
        if access is None:
            messages.warning(request, _("This reading has ended. Please give a reason again."))
            return HttpResponseRedirect(reverse("admin:safety_riskflag_change", args=[flag_id]))
        form = ReviewForm(request.POST or None, flag=flag)
        if request.method == "POST" and form.is_valid():
            try:
                services.review_flag(user=user, flag_id=flag_id, disposition=form.disposition())
            except ApplicationError as error:
                form.add_error(None, str(error.text))
            else:
                messages.success(request, _("Reviewed. The alerts of this flag are closed."))
                return HttpResponseRedirect(reverse("admin:safety_riskflag_changelist"))
        claims.keep(user=user, session_id=flag.session_id)
        context = pages.transcript_page(flag, access, user) | {"form": form}
        return page(request, "review/transcript.html", context)

    def take_view(self, request: HttpRequest, flag_id: UUID) -> HttpResponse:
        """Acknowledge the alerts of a flag."""
        flag = self._flag(request, flag_id)
        if request.method == "POST":
            taken = [safety.acknowledge_alert(alert_id=alert.pk, user=user_of(request)) for alert in flag.alerts.all()]
            text = _("You have taken this alert.") if any(taken) else _("Somebody has already taken this alert.")
            messages.info(request, text)
        return HttpResponseRedirect(reverse("admin:safety_riskflag_change", args=[flag_id]))

    def hotlines_view(self, request: HttpRequest) -> HttpResponse:
        """The table of crisis lines with its sources and age (HL-02)."""
        return page(request, "review/hotlines.html", pages.hotlines_page())

    def _flag(self, request: HttpRequest, flag_id: UUID | None) -> RiskFlag:
        if not _is_counselling(request) or flag_id is None:
            raise Http404
        return get_object_or_404(RiskFlag.objects.select_related("session").prefetch_related("alerts"), pk=flag_id)
