"""Pages of cognitive tests: what there is, one test, its results. A test itself needs scripts and says so."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ml.cognition.practice_effect import compare
from ml.cognition.scoring import from_dict
from therapy.core import domain
from therapy.core.errors import ApplicationError
from therapy.practice import selectors, trials_selectors, trials_services, trials_words
from therapy.practice.views import client_of

MOST_BYTES = 64 * 1024


@require_GET
@login_required
def tests(request: HttpRequest) -> HttpResponse:
    """All tests, those of the domain first."""
    person = client_of(request)
    done = trials_selectors.counts(person.pk)
    rows = [(kind, trials_words.TEXTS[kind], done.get(kind, 0)) for kind in domain.current().tests]
    return render(request, "practice/tests.html", {"tests": rows, "may_keep": selectors.may_keep_ratings(person.pk)})


def _text_or_404(kind: str) -> trials_words.TestText:
    if kind not in trials_words.TEXTS:
        raise Http404
    return trials_words.TEXTS[kind]


@require_GET
@login_required
def test(request: HttpRequest, kind: str) -> HttpResponse:
    """One test, with everything that a run needs."""
    person, text = client_of(request), _text_or_404(kind)
    form = trials_services.next_form(person.pk, kind)
    data = {
        "form": form.as_json(),
        "run": str(trials_services.new_run_id()),
        "sendUrl": reverse("practice:test_result", args=[kind]),
        "resultsUrl": reverse("practice:test_results", args=[kind]),
        "words": _words(),
    }
    context = {"kind": kind, "text": text, "data": data, "may_keep": selectors.may_keep_ratings(person.pk)}
    return render(request, "practice/test.html", context)


@require_POST
@login_required
def test_result(request: HttpRequest, kind: str) -> HttpResponse:
    """Take the trials of a run; answers with what was counted here."""
    person = client_of(request)
    _text_or_404(kind)
    if len(request.POST.get("rows", "")) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        found = trials_services.keep_result(
            person_id=person.pk,
            kind=kind,
            seed=int(request.POST.get("seed", "")),
            rows=json.loads(request.POST.get("rows", "")),
            moment=request.POST.get("moment", ""),
            run_id=UUID(request.POST.get("run", "")),
        )
    except ApplicationError as error:
        return JsonResponse({"text": str(error.text)}, status=400)
    except (ValueError, RecursionError):
        return JsonResponse({"text": _("That was no complete test.")}, status=400)
    return JsonResponse(
        {
            "next": reverse("practice:test_results", args=[kind]),
            "usable": found.is_usable,
            "rows": trials_words.rows(found),
            "notes": trials_words.reasons(found) + trials_words.left_out(found),
        }
    )


@require_GET
@login_required
def test_results(request: HttpRequest, kind: str) -> HttpResponse:
    """Results of one test, newest first, each beside what repetition explains."""
    person, text = client_of(request), _text_or_404(kind)
    views = trials_selectors.results(person.pk, kind)
    total = trials_selectors.counts(person.pk).get(kind, 0)
    entries = [_entry(views, place, total) for place in range(len(views))]
    return render(request, "practice/test_results.html", {"kind": kind, "text": text, "entries": entries})


def _entry(views: list[trials_selectors.TestView], place: int, total: int) -> dict[str, Any]:
    """One result; compared with the one before it that can be used."""
    view = views[place]
    found = from_dict(view.scores)
    session = total - place
    entry: dict[str, Any] = {
        "at": view.done_at,
        "rows": trials_words.rows(found),
        "notes": trials_words.reasons(found) + trials_words.left_out(found),
        "change": "",
    }
    for back, earlier in enumerate(views[place + 1 :], start=1):
        before = from_dict(earlier.scores)
        if before.is_usable and found.is_usable:
            compared = compare(before, found, earlier=session - back, later=session)
            entry["change"] = trials_words.change(found, compared)
            break
    return entry


def _words() -> dict[str, str]:
    return {
        "warmUp": _("First a few to try, not counted."),
        "ready": _("Now it counts. Ready?"),
        "begin": _("Begin"),
        "goOn": _("Go on"),
        "early": _("A little too early"),
        "right": _("Yes"),
        "wrong": _("Not that one"),
        "late": _("Gone by"),
        "hidden": _("Paused while the page was hidden. That trial is not counted."),
        "type": _("Now type the row"),
        "done": _("Done. Thank you."),
        "notSaved": _("That could not be saved. Please try once more."),
        "again": _("Try again"),
        "press": _("Press"),
        "left": _("left"),
        "rightSide": _("right"),
        "same": _("Same as two before"),
        "enter": _("Done"),
        "delete": _("Delete"),
        "progress": _("{done} of {all}"),
    }
