"""Pages of the journal: the check-in, the days, one entry, the picture. They work without scripts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from therapy.core.errors import ApplicationError
from therapy.journal import chart, moments, selectors, services, wording
from therapy.journal.forms import WHEN, EntryForm
from therapy.journal.services import Written
from therapy.safety import elsewhere

RANGES = {"30": 30, "90": 90, "365": 365, "all": 0}
# Comparisons look at this many days: long enough to find something, short enough to be about now.
COMPARED_DAYS = 365


def client_of(request: HttpRequest) -> User:
    """The signed-in person; staff have no journal."""
    user = request.user
    if not isinstance(user, User) or not user.is_client:
        raise Http404
    return user


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The check-in."""
    person = client_of(request)
    zone = moments.zone_for(person.pk)
    own = selectors.own_activities(person.pk)
    form = EntryForm(request.POST if request.method == "POST" else None, own=own, zone=zone)
    if form.is_valid():
        try:
            written = services.write(
                person_id=person.pk, entry_id=form.entry_id, reading=form.reading(), at=form.cleaned_data["when"]
            )
        except ApplicationError as error:
            add_error(form, error)
        else:
            return _done(request, person, written, _("Saved."))
    today = moments.day_of(timezone.now(), zone)
    context = {
        "form": form,
        "has_entry": selectors.has_entry(person.pk, today),
        "has_sleep": selectors.has_sleep(person.pk, today) and not form.is_bound,
    }
    return render(request, "journal/home.html", context, status=422 if form.is_bound else 200)


def add_error(form: EntryForm, error: ApplicationError) -> None:
    """Say beside the right field what a service refused."""
    place = {"future": "when", "too_old": "when", "taken": "when"}.get(error.code, error.code)
    form.add_error(place if place in form.fields else None, str(error.text))


def _done(request: HttpRequest, person: User, written: Written, said: str) -> HttpResponse:
    """After saving: the days; where the words speak of danger, help at once and before everything."""
    if written.assessment is None:
        messages.success(request, said)
        return redirect("journal:days")
    return help_page(request, person, written)


def help_page(request: HttpRequest, person: User, written: Written) -> HttpResponse:
    """The card, and the way to the conversation."""
    assert written.assessment is not None
    accept = request.headers.get("Accept-Language", "")
    card = elsewhere.card_for(person.pk, written.assessment, written.brought, accept)
    return render(request, "journal/help.html", {"card": card, "brought": written.brought})


@login_required
@require_safe
def days(request: HttpRequest) -> HttpResponse:
    """The days that have entries, newest first."""
    person = client_of(request)
    try:
        before = date.fromisoformat(request.GET["before"]) if "before" in request.GET else None
    except ValueError as error:
        raise Http404 from error
    views, older = selectors.page_of_days(person.pk, before=before)
    return render(request, "journal/days.html", {"days": views, "older": older, "before": before})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Change one entry."""
    person = client_of(request)
    view = selectors.entry_of(person.pk, entry_id)
    if view is None:
        raise Http404
    zone = moments.zone_for(person.pk)
    shown = view.at.astimezone(zone).strftime(WHEN)
    form = EntryForm(
        request.POST if request.method == "POST" else None,
        own=selectors.own_activities(person.pk),
        reading=view.reading,
        zone=zone,
        initial={"when": shown},
    )
    if form.is_valid():
        try:
            written = services.edit(
                person_id=person.pk, entry_id=entry_id, reading=form.reading(), at=_moved(form, shown)
            )
        except ApplicationError as error:
            add_error(form, error)
        else:
            return _done(request, person, written, _("Changed."))
    return render(request, "journal/edit.html", {"form": form, "view": view}, status=422 if form.is_bound else 200)


def _moved(form: EntryForm, shown: str) -> datetime | None:
    """The new moment, if it was changed: the page shows minutes only, the entry keeps its seconds."""
    moment: datetime | None = form.cleaned_data["when"]
    return None if str(form.data.get("when") or "")[:16] == shown else moment


@login_required
@require_POST
def delete(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Delete one entry; one that is gone already is as good."""
    services.delete(person_id=client_of(request).pk, entry_id=entry_id)
    messages.success(request, _("Deleted."))
    return redirect("journal:days")


@login_required
@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """Mood and sleep over time, and what goes together in it."""
    person = client_of(request)
    chosen = request.GET.get("range", "30")
    if chosen not in RANGES:
        raise Http404
    today = moments.day_of(timezone.now(), moments.zone_for(person.pk))
    numbers = selectors.day_numbers(person.pk)
    since = today - timedelta(days=RANGES[chosen] - 1) if RANGES[chosen] else (numbers[0].day if numbers else today)
    shown = [day for day in numbers if day.day >= since]
    compared = [day for day in numbers if day.day > today - timedelta(days=COMPARED_DAYS)]
    context = {
        "chart": chart.draw(shown, first=since, last=max(today, since)) if shown else None,
        "range": chosen,
        "ranges": wording.range_names(),
        "links": wording.links_of(compared),
        "days_told": sum(day.valence is not None for day in compared),
    }
    return render(request, "journal/picture.html", context)
