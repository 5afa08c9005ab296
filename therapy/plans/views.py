"""Pages of a person's own plan. A change answers with the plan again: as a part for htmx, else as a redirect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from therapy.core.errors import ApplicationError
from therapy.plans import own_words, selectors, services
from therapy.plans.own_words import Heard
from therapy.plans.wording import DETAILS_CHARACTERS, TITLE_CHARACTERS, StepWords
from therapy.safety import elsewhere

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to say after a change. `undo`: the step that can be put back. `heard`: words that help is shown for."""

    text: str | Promise = ""
    is_error: bool = False
    undo: UUID | None = None
    heard: Heard | None = None


Change = Callable[Concatenate[HttpRequest, UUID, P], Outcome]


def client_id(request: HttpRequest) -> UUID:
    user = request.user
    if not isinstance(user, User) or not user.is_client:
        raise Http404
    return user.pk


def _is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the plan alone."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def _show(request: HttpRequest, person_id: UUID, outcome: Outcome) -> HttpResponse:
    context = {
        "plan": selectors.current_plan(person_id),
        "proposed_version": selectors.proposed_version(person_id),
        "versions": selectors.versions_of(person_id),
        "outcome": outcome,
        **(_help(request, person_id, outcome.heard) if outcome.heard else {}),
        "is_part": _is_part(request),
        "new_item_id": uuid4(),
        "title_characters": TITLE_CHARACTERS,
        "details_characters": DETAILS_CHARACTERS,
    }
    page = render(request, "plans/_plan.html" if _is_part(request) else "plans/home.html", context)
    if outcome.heard:
        # The form may stand far below the card.
        page["HX-Reswap"] = "outerHTML show:window:top"
    return page


def _help(request: HttpRequest, person_id: UUID, heard: Heard) -> dict[str, object]:
    accept = request.headers.get("Accept-Language", "")
    card = elsewhere.card_for(person_id, heard.assessment, heard.brought, accept)
    return {"card": card, "brought": heard.brought}


def help_page(request: HttpRequest, person_id: UUID, heard: Heard, said: str | Promise) -> HttpResponse:
    """The card, the way to the conversation, and what became of the change."""
    said = heard.refused.text if heard.refused else said
    return render(request, "plans/help.html", {**_help(request, person_id, heard), "said": said})


def _change(view: Change[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A change by POST of the signed-in client's own plan; what cannot be done is said on the page."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        person_id = client_id(request)
        try:
            outcome = view(request, person_id, *args, **kwargs)
        except ApplicationError as error:
            if error.code == "not_found":
                raise Http404 from error
            outcome = Outcome(error.text, is_error=True)
        if _is_part(request) or outcome.heard:
            return _show(request, person_id, outcome)
        if outcome.text:
            messages.add_message(request, messages.ERROR if outcome.is_error else messages.SUCCESS, str(outcome.text))
        place = redirect("plans:home")
        if outcome.undo:
            place["Location"] += f"?undo={outcome.undo}"
        return place

    return require_POST(login_required(answer))


def _heard(heard: Heard, item_id: UUID) -> Outcome:
    """Help comes first; the step is kept where only the person can put it back from."""
    if heard.refused:
        return Outcome(heard.refused.text, is_error=True, heard=heard)
    said = _("Your words are kept, but this step stays out of your plan for now. You can put it back.")
    return Outcome(said, undo=item_id, heard=heard)


def _words(request: HttpRequest) -> StepWords:
    try:
        minutes = int(request.POST.get("minutes") or 10)
    except ValueError:
        minutes = 0
    return StepWords(request.POST.get("title", ""), request.POST.get("details", ""), minutes)


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The plan, or how to get one."""
    try:
        undo = UUID(request.GET["undo"]) if "undo" in request.GET else None
    except ValueError:
        undo = None
    return _show(request, client_id(request), Outcome(undo=undo))


@_change
def request_draft(request: HttpRequest, person_id: UUID) -> Outcome:
    """Ask for a (new) draft."""
    services.request_draft(person_id=person_id)
    return Outcome()


@_change
def add(request: HttpRequest, person_id: UUID) -> Outcome:
    """Add a step of one's own."""
    try:
        item_id = UUID(request.POST.get("item_id", ""))
    except ValueError:
        item_id = uuid4()
    heard = own_words.add_item(person_id=person_id, item_id=item_id, words=_words(request))
    return _heard(heard, item_id) if heard else Outcome(_("Added."))


@_change
def done(request: HttpRequest, person_id: UUID, item_id: UUID) -> Outcome:
    """Tick a step off or take the tick back."""
    is_done = request.POST.get("done") == "yes"
    services.set_done(person_id=person_id, item_id=item_id, is_done=is_done)
    return Outcome(_("Ticked off.") if is_done else _("Open again."))


@_change
def edit(request: HttpRequest, person_id: UUID, item_id: UUID) -> Outcome:
    """Change a step."""
    heard = own_words.edit_item(person_id=person_id, item_id=item_id, words=_words(request))
    return _heard(heard, item_id) if heard else Outcome(_("Changed."))


@_change
def remove(request: HttpRequest, person_id: UUID, item_id: UUID) -> Outcome:
    """Take a step out."""
    services.remove_item(person_id=person_id, item_id=item_id)
    return Outcome(_("Removed."), undo=item_id)


@_change
def restore(request: HttpRequest, person_id: UUID, item_id: UUID) -> Outcome:
    """Put a removed step back."""
    services.restore_item(person_id=person_id, item_id=item_id)
    return Outcome(_("It is back in your plan."))
