"""Pages of the live conversation at the desk: its door (a reason), the page, and forms that need no scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from therapy.chat import selectors as chat
from therapy.chat import services, takeover
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError
from therapy.core.middleware import DESK_POLICY
from therapy.review import live, reading
from therapy.review.facts import facts_of
from therapy.review.forms import ReasonForm
from therapy.review.views import counsellors_only


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _texts() -> dict[str, str]:
    """What the page's script says."""
    return {
        "you": _("The person"),
        "assistant": _("Attune (AI)"),
        "counsellor": _("a human of our team"),
        "system": _("Notice"),
        "who": _("{name} ({role})"),
        "role_counsellor": _("counsellor"),
        "role_supervisor": _("supervisor"),
        "speaks_assistant": _("Attune (AI) speaks with this person."),
        "speaks_writing": _("Attune (AI) is writing a reply right now."),
        "speaks_mine": _("You speak with this person. Attune is silent."),
        "speaks_other": _("{who} speaks with this person. Attune is silent."),
        "asked": _("The person asks for a human."),
        "person_typing": _("The person is writing…"),
        "other_typing": _("{name} is writing…"),
        "person_here": _("The person has the conversation open."),
        "person_gone": _("The person does not have the conversation open."),
        "reconnecting": _("Connection lost. Trying again…"),
        "not_sent": _("Not sent yet"),
        "too_long": _("That is too long for one message."),
    }


@csp_update({name: list(DESK_POLICY[name]) for name in ("script-src", "style-src")})
@require_http_methods(["GET", "HEAD", "POST"])
@counsellors_only
def page(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The conversation, once the reading is written down; else the question why (POST answers it)."""
    user = _user(request)
    session = get_object_or_404(ChatSession, pk=session_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reading.open_session(user=user, session_id=session_id, reason=form.cleaned_data["reason"])
        except ApplicationError as error:
            messages.error(request, str(error.text))
        return redirect("review:live", session_id=session_id)
    context = live.facts(session) | {"session": session, "title": _("Live conversation")}
    if not live.may_stay(user, session_id):
        return _render(request, "review/live_door.html", context | {"form": form})
    views = chat.messages_since(session, 0, limit=10_000)
    state = live.state_of(user, session_id)
    return _render(
        request,
        "review/live.html",
        context
        | {
            "rows": [live.as_staff_frame(view) | {"at": view.created_at} for view in views],
            "four": facts_of(views),
            "state": state,
            "texts": _texts(),
            "canned": live.canned_replies(session.language),
            "client_id": uuid4(),
            "max_characters": settings.CHAT_MAX_CHARACTERS,
        },
    )


@require_POST
@counsellors_only
def take_over(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Speak from now on."""
    return _act(request, session_id, lambda user: takeover.take_over(user=user, session_id=session_id))


@require_POST
@counsellors_only
def hand_back(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Let the assistant speak again, and ask for the reply it owes."""

    def give_back(user: User) -> None:
        turn_id = takeover.hand_back(user=user, session_id=session_id)
        if turn_id is not None:
            services.dispatch_turn(turn_id=turn_id)

    return _act(request, session_id, give_back)


@require_POST
@counsellors_only
def send(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """A message from a browser without scripts."""
    try:
        client_id = UUID(request.POST.get("client_id", ""))
    except ValueError:
        client_id = uuid4()
    text = request.POST.get("text", "")
    return _act(
        request,
        session_id,
        lambda user: takeover.say(user=user, session_id=session_id, client_id=client_id, text=text),
    )


def _act(request: HttpRequest, session_id: UUID, what: Callable[[User], object]) -> HttpResponse:
    """Carry out one step of somebody who sits in the conversation, then the page again."""
    user = _user(request)
    if live.may_stay(user, session_id):
        try:
            what(user)
        except ApplicationError as error:
            messages.error(request, str(error.text))
    return redirect("review:live", session_id=session_id)


def _render(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, admin.site.each_context(request) | context)
    response["Cache-Control"] = "no-store"
    return response
