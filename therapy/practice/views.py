"""Pages of practice: what is offered, one practice before it begins, the player, before and after.

They work without scripts: the player is then the script as text with the form for afterwards.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from ml.planning.records import Practice
from therapy.core import domain
from therapy.core.errors import ApplicationError
from therapy.practice import conditions, player, selectors, services, signals_door, wording
from therapy.practice.cards import language_now
from therapy.practice.forms import RatingsForm, StartForm


def client_of(request: HttpRequest) -> User:
    """The person whose page this is; staff have none."""
    user = request.user
    if not isinstance(user, User) or not user.is_client:
        raise Http404
    return user


def _titled(practice: Practice) -> dict[str, Any]:
    """A practice as the list shows it."""
    language = language_now()
    phases = list(dict.fromkeys(phase.phase for phase in practice.phases if phase.phase != "settle"))
    return {
        "id": practice.id,
        "title": practice.title.of(language),
        "kind": practice.kind,
        "kind_name": wording.KINDS[practice.kind],
        "minutes": practice.minutes,
        "phases": [wording.PHASES[phase] for phase in phases],
        "scene": practice.scene,
        "has_pacer": any(phase.pacer for phase in practice.phases),
        "may_begin": selectors.may_begin(practice),
    }


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """All practices, with the one that waits to be gone on with."""
    person = client_of(request)
    waiting = selectors.open_run(person.pk)
    context = {
        "practices": [_titled(practice) for practice in selectors.offered(person.pk)],
        "intro": domain.current().practice_intro.of(language_now()),
        "waiting": waiting,
        "waiting_title": waiting.practice.title.of(language_now()) if waiting and waiting.practice else "",
        "is_person_first": selectors.is_person_first(person.pk),
        "signals_url": signals_door.page_url(),
    }
    return render(request, "practice/home.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def detail(request: HttpRequest, practice_id: str) -> HttpResponse:
    """One practice before it begins: what it is, when it is not the right one, how one feels now."""
    person = client_of(request)
    practice = selectors.practice_for(person.pk, practice_id)
    if practice is None:
        raise Http404
    form = StartForm(request.POST or None, minutes=practice.minutes)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.start(
                person_id=person.pk,
                practice_id=practice.id,
                minutes=form.cleaned_data["minutes"],
                before=form.ratings(),
            )
        except ApplicationError as error:
            messages.error(request, str(error.text))
        else:
            return redirect("practice:run", run_id=row.pk)
    language = language_now()
    offered = {one.id: one.title.of(language) for one in selectors.offered(person.pk) if selectors.may_begin(one)}
    notes = [
        (note, [(other, offered[other]) for other in note.instead if other in offered])
        for note in conditions.notes_for(practice.id, language)
    ]
    context = {
        "practice": _titled(practice),
        "caution": player.caution(request, person, practice),
        "notes": notes,
        "evidence": practice.evidence,
        "is_reviewed": practice.review.state == "approved",
        "form": form,
        "may_keep_ratings": selectors.may_keep_ratings(person.pk),
    }
    return render(request, "practice/detail.html", context)


def _run_or_404(request: HttpRequest, run_id: UUID) -> selectors.RunView:
    view = selectors.run_of(client_of(request).pk, run_id)
    if view is None or view.practice is None:
        raise Http404
    return view


@require_GET
@login_required
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The player; everything that a run needs is in the page, so that it goes on without a network."""
    view = _run_or_404(request, run_id)
    if not view.is_open:
        return redirect("practice:result", run_id=run_id)
    practice = view.practice
    assert practice is not None
    context = {
        "practice": _titled(practice),
        "run": view,
        "parts": player.parts(view, practice),
        "notes": player.notes(view, practice),
        "data": player.data(client_of(request).pk, view, practice),
        "sounds": [(key, name) for key, name in wording.SOUNDS.items() if key != "silence"],
        "form": RatingsForm(),
        "may_keep_ratings": selectors.may_keep_ratings(client_of(request).pk),
    }
    return render(request, "practice/run.html", context)


@require_POST
@login_required
def position(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Where the player stands; sent now and then, and when the page is closed."""
    try:
        extra = tuple(int(part) for part in request.POST.get("extra", "").split(",") if part)
        place = int(request.POST.get("position", "0"))
    except ValueError:
        return HttpResponse(status=400)
    try:
        services.keep_position(person_id=client_of(request).pk, run_id=run_id, position=place, extra=extra)
    except ApplicationError as error:
        raise Http404 from error
    return HttpResponse(status=204)


@require_POST
@login_required
def finish(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The end, with how one feels now. The player asks for JSON, a page without scripts is sent on."""
    form = RatingsForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    seconds = request.POST.get("seconds", "")
    view = _run_or_404(request, run_id)
    practised = int(seconds) if seconds.isascii() and seconds.isdigit() else view.body.whole
    services.finish(person_id=client_of(request).pk, run_id=run_id, after=form.ratings(), seconds=practised)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"next": f"/practice/run/{run_id}/result/"})
    return redirect("practice:result", run_id=run_id)


@require_POST
@login_required
def leave(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Put a run away."""
    try:
        services.leave(person_id=client_of(request).pk, run_id=run_id)
    except ApplicationError as error:
        raise Http404 from error
    messages.success(request, _("Put away. You can begin anew whenever you like."))
    return redirect("practice:home")


@require_GET
@login_required
def result(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Before and after, in a small picture and in words."""
    view = _run_or_404(request, run_id)
    if view.is_open:
        return redirect("practice:run", run_id=run_id)
    practice = view.practice
    assert practice is not None
    context = {"practice": _titled(practice), "entry": player.entry(view)}
    return render(request, "practice/result.html", context)


@require_GET
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """What was practised, without counting streaks."""
    entries = [player.entry(view) for view in selectors.history(client_of(request).pk)]
    return render(request, "practice/history.html", {"entries": entries})
