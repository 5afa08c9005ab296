"""Plans at the desk: a list without words, a plan opened with a reason, changed and approved. Counselling only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import User
from therapy.core.errors import ApplicationError
from therapy.library.selectors import whole_library
from therapy.plans import comparing, selectors, services
from therapy.plans.forms import ReasonForm, StepForm
from therapy.plans.models import Plan

STATE_LABELS = {
    "drafting": "info",
    "draft": "warning",
    "active": "success",
    "replaced": "default",
    "declined": "default",
}


def _is_counselling(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_counselling_staff


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _revision(request: HttpRequest) -> int | None:
    """The revision the page showed; a page of before this was asked names none."""
    sent = request.POST.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None


@admin.register(Plan)
class PlanAdmin(ModelAdmin):  # type: ignore[misc]
    """Plans as a queue: drafts that wait for approval first, the oldest of them on top."""

    list_display = ("shown_person", "version", "shown_state", "origin", "shown_language", "drafted_at", "approved_at")
    list_display_links = ("shown_person",)
    list_filter = ("state", "origin")
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        """Drafts first."""
        waits = Case(When(state=Plan.State.DRAFT, then=Value(0)), default=Value(1), output_field=IntegerField())
        plans: QuerySet[Plan] = super().get_queryset(request)
        return plans.order_by(waits, "created_at")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Counsellors and supervisors."""
        return _is_counselling(request)

    def has_view_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        """Counsellors and supervisors."""
        return _is_counselling(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Plans are drafted, never made by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        """Changed on the reading page only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        """Plans go with the person's data, never by hand."""
        return False

    @display(description=_("person"))  # type: ignore[untyped-decorator]
    def shown_person(self, plan: Plan) -> str:
        """A reference; the pseudonym may be a name."""
        return str(_("client {reference}")).format(reference=str(plan.person_id)[:8])

    @display(description=_("state"), label=STATE_LABELS)  # type: ignore[untyped-decorator]
    def shown_state(self, plan: Plan) -> tuple[str, str]:
        """State as a badge."""
        return plan.state, str(plan.get_state_display())

    @display(description=_("language"))  # type: ignore[untyped-decorator]
    def shown_language(self, plan: Plan) -> str:
        """Language of the plan."""
        return "中文" if plan.language == "zh" else "English"

    def get_urls(self) -> list[URLPattern]:
        """The pages behind a plan, and the library as staff may read it."""
        wrap = self.admin_site.admin_view
        own = [
            path("library/", wrap(self.library_view), name="plans_library"),
            path("<uuid:plan_id>/open/", wrap(self.open_view), name="plans_plan_open"),
            path("<uuid:plan_id>/read/<uuid:access_id>/", wrap(self.read_view), name="plans_plan_read"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The front page of a plan: facts, and the question why it is opened. No words of the person."""
        try:
            plan = self._plan(request, UUID(object_id))
        except ValueError as error:
            raise Http404 from error
        return self._page(request, "plans/desk_front.html", {"plan": plan, "form": ReasonForm()})

    def open_view(self, request: HttpRequest, plan_id: UUID) -> HttpResponse:
        """Take the reason, write it down, go to the plan."""
        plan = self._plan(request, plan_id)
        form = ReasonForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "plans/desk_front.html", {"plan": plan, "form": form})
        reason = form.cleaned_data["reason"]
        access = services.open_for_review(user=_user(request), plan_id=plan_id, reason=reason)
        return HttpResponseRedirect(reverse("admin:plans_plan_read", args=[plan_id, access.pk]))

    def read_view(self, request: HttpRequest, plan_id: UUID, access_id: UUID) -> HttpResponse:
        """The plan, decrypted for this view, and what is done with it (POST). Only within a reading of one's own."""
        plan = self._plan(request, plan_id)
        access = selectors.reading(access_id=access_id, user=_user(request), plan_id=plan_id)
        if access is None:
            messages.warning(request, _("This reading has ended. Please give a reason again."))
            return HttpResponseRedirect(reverse("admin:plans_plan_change", args=[plan_id]))
        if request.method == "POST":
            return self._act(request, plan_id)
        view = selectors.open_plan(plan)
        steps = [(item, StepForm.of(item)) for item in view.items]
        context = {
            "plan": plan,
            "view": view,
            "steps": steps,
            "comparison": comparing.open_comparison(plan),
            "closes_at": access.at + selectors.READING_LASTS,
        }
        return self._page(request, "plans/desk_read.html", context)

    def _act(self, request: HttpRequest, plan_id: UUID) -> HttpResponse:
        try:
            if request.POST.get("action") == "approve":
                services.approve(plan_id=plan_id, user=_user(request), revision=_revision(request))
                messages.success(request, _("Approved. The person now sees it as their plan."))
                return HttpResponseRedirect(reverse("admin:plans_plan_changelist"))
            self._change_step(request, plan_id, UUID(request.POST.get("item", "")))
        except ApplicationError as error:
            messages.error(request, str(error.text))
        except ValueError:
            messages.error(request, _("This step is no longer in the plan."))
        return HttpResponseRedirect(request.path)

    def _change_step(self, request: HttpRequest, plan_id: UUID, item_id: UUID) -> None:
        form, user = StepForm(request.POST), _user(request)
        if request.POST.get("action") == "remove":
            services.remove_item_at_desk(user=user, plan_id=plan_id, item_id=item_id)
        elif form.is_valid():
            services.edit_item_at_desk(user=user, plan_id=plan_id, item_id=item_id, words=form.words())
        else:
            messages.error(request, form.first_error())
            return
        messages.success(request, _("Changed."))

    def library_view(self, request: HttpRequest) -> HttpResponse:
        """Every technique with its review state, to read."""
        context = {"library": whole_library(), "techniques": whole_library().techniques.values()}
        return self._page(request, "plans/desk_library.html", context)

    def _plan(self, request: HttpRequest, plan_id: UUID) -> Plan:
        if not _is_counselling(request):
            raise Http404
        return get_object_or_404(Plan, pk=plan_id)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        if not _is_counselling(request):
            raise Http404
        shared = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        response = render(request, template, shared)
        response["Cache-Control"] = "no-store"
        return response
