"""The page Today and what is done on it. Every part is a plain form and works without scripts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from ml.types import RiskLevel
from therapy.core.errors import ApplicationError
from therapy.core.today import cards_of
from therapy.library import reading
from therapy.plans import following, own_words, today, wording
from therapy.plans.calendar import calendar_of
from therapy.plans.today import StepView, TodayView
from therapy.plans.views import help_page
from therapy.safety import selectors as safety


def _client(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.is_client:
        raise Http404
    return user


def _number(text: str) -> int | None:
    """A rating as sent; blank is none, and what is no number is one that no scale has."""
    if not text.strip():
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The day: small steps, what waits, and what other parts of the product offer."""
    person = _client(request)
    view = today.today_of(person.pk)
    context = {
        "today": view,
        "scheduled": _scheduled(view),
        "cards": cards_of(person.pk, is_in_danger=safety.effective_level(person.pk) >= RiskLevel.HIGH),
        "articles": reading.articles_for([step.item.technique for step in (*view.steps, *view.done)]),
        "reasons": wording.decline_reasons(),
        "has_mail": bool(person.email),
        "now_local": timezone.now().astimezone(view.zone),
        "reason_characters": following.REASON_CHARACTERS,
    }
    return render(request, "plans/today.html", context)


def _scheduled(view: TodayView) -> list[StepView]:
    return [step for step in (*view.steps, *view.resting) if step.item.due_at is not None]


@require_http_methods(["GET", "POST"])
@login_required
def run(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Do a step now: how it is before, the step, how it is after. Sending it twice counts once."""
    person = _client(request)
    view = today.today_of(person.pk).plan
    step = today.step_view(view, item_id) if view else None
    error = ""
    if request.method == "POST":
        try:
            following.finish_run(
                person_id=person.pk,
                item_id=item_id,
                run_id=_run_id(request),
                before=_number(request.POST.get("before", "")),
                after=_number(request.POST.get("after", "")),
            )
        except ApplicationError as fault:
            if fault.code == "not_found":
                raise Http404 from fault
            error = str(fault.text)
        else:
            messages.success(request, _("Done. Well done for taking the time."))
            return redirect("today:home")
    if view is None or step is None:
        raise Http404
    context = {
        "plan": view,
        "step": step,
        "item": step.item,
        "run_id": _run_id(request),
        "error": error,
        "scale": range(11),
        "sent": {name: request.POST.get(name, "") for name in ("before", "after")},
    }
    return render(request, "plans/run.html", context, status=422 if error else 200)


def _run_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("run", ""))
    except ValueError:
        return uuid4()


@require_POST
@login_required
def later(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Rest a step, give it a time, or take the time back."""
    person = _client(request)
    choice = request.POST.get("when", "")
    try:
        if choice in ("not_today", "tomorrow_evening"):
            following.put_off(person_id=person.pk, item_id=item_id, delay=choice)  # type: ignore[arg-type]
        else:
            following.schedule(person_id=person.pk, item_id=item_id, local=_local(request) if choice == "at" else None)
    except ApplicationError as error:
        return _refused(request, error)
    messages.success(request, _("All right. It rests until then.") if choice else _("It is there for today."))
    return redirect("today:home")


def _local(request: HttpRequest) -> datetime:
    try:
        return datetime.fromisoformat(request.POST.get("at", "")).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise ApplicationError("when", _("Please choose a day and a time within the next 90 days.")) from error


@require_POST
@login_required
def decline(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Take a step out of the plan and say why."""
    person = _client(request)
    reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
    try:
        heard = own_words.decline_item(person_id=person.pk, item_id=item_id, reason=reason, words=words)
    except ApplicationError as error:
        return _refused(request, error)
    said = _("Thank you for saying so. It is out of your plan, and the next one will respect that.")
    if heard:
        return help_page(request, person.pk, heard, said)
    messages.success(request, said)
    return redirect("today:home")


def _refused(request: HttpRequest, error: ApplicationError) -> HttpResponse:
    if error.code == "not_found":
        raise Http404 from error
    messages.error(request, str(error.text))
    return redirect("today:home")


@require_POST
@login_required
def reminders(request: HttpRequest) -> HttpResponse:
    """Whether a mail may remind."""
    by_mail = request.POST.get("by_mail") == "yes"
    following.wish_reminders(person_id=_client(request).pk, by_mail=by_mail)
    messages.success(request, _("We will send a short mail.") if by_mail else _("No mails. This page reminds you."))
    return redirect("today:home")


@require_GET
@login_required
def calendar(request: HttpRequest) -> HttpResponse:
    """The steps with a time, for a calendar."""
    steps = _scheduled(today.today_of(_client(request).pk))
    if not steps:
        messages.warning(request, _("No step has a time yet."))
        return redirect("today:home")
    text = calendar_of(steps, with_titles=request.GET.get("titles") == "yes", now=timezone.now())
    headers = {"Content-Disposition": 'attachment; filename="attune.ics"', "Cache-Control": "no-store"}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)
