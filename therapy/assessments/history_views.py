"""Pages that look back: one questionnaire over time, and the page to print for a professional."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from therapy.assessments import charts, instruments, scoring, selectors
from therapy.assessments.forms import SummaryForm
from therapy.assessments.instruments import Instrument
from therapy.assessments.pages import client_of, language
from therapy.assessments.selectors import Result


@require_GET
@login_required
def history(request: HttpRequest, name: str) -> HttpResponse:
    """One questionnaire over time, as a chart and as a table."""
    person = client_of(request)
    instrument = instruments.known(name)
    if instrument is None:
        raise Http404
    results = selectors.results(person.pk, name)
    context = {
        "instrument": instrument,
        "words": instrument.text(language()),
        "results": list(reversed(results)),
        "chart": charts.history(results, instrument, language()) if results else None,
        "bands": charts.bands_of(instrument, language()),
        "is_offered": instruments.find(name) is not None,
    }
    return render(request, "assessments/history.html", context)


@require_GET
@login_required
def summary(request: HttpRequest) -> HttpResponse:
    """Choose what to print, and see it: the browser makes paper or a PDF of it."""
    person = client_of(request)
    held = selectors.latest(person.pk)
    names = [(name, shown.instrument.text(language()).name) for name, shown in held.items()]
    is_asked = bool(request.GET)
    form = SummaryForm(request.GET if is_asked else None, names=names, initial={"include": list(held)})
    parts: list[dict[str, Any]] = []
    if is_asked and form.is_valid():
        chosen = form.cleaned_data
        for name in chosen["include"]:
            shown = _within(selectors.results(person.pk, name), chosen["since"], chosen["until"])
            if shown:
                parts.append(_part(held[name].instrument, shown, with_items=chosen["items"]))
    context = {"form": form, "parts": parts, "is_asked": is_asked, "today": timezone.localdate(), "has_any": bool(held)}
    return render(request, "assessments/summary.html", context)


def _within(results: list[Result], since: date | None, until: date | None) -> list[Result]:
    """Those of the days asked for, as the person's own calendar counts them."""
    return [
        shown
        for shown in results
        if (since is None or timezone.localdate(shown.done_at) >= since)
        and (until is None or timezone.localdate(shown.done_at) <= until)
    ]


def _part(instrument: Instrument, results: list[Result], *, with_items: bool) -> dict[str, Any]:
    first, last = results[0], results[-1]
    words = instrument.text(language())
    items = []
    if with_items:
        items = [
            (words.items[item - 1], words.options[instrument.values.index(last.answers[item])])
            for item in range(1, instrument.count + 1)
        ]
    return {
        "instrument": instrument,
        "words": words,
        "results": results,
        "change": scoring.change(instrument, first.score.total, last.score.total) if len(results) > 1 else None,
        "first": first,
        "last": last,
        "items": items,
        "bands": charts.bands_of(instrument, language()),
    }
