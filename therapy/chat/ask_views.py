"""Pages to ask for a human: who is there is said first. A part of the conversation's page, or whole without scripts."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from therapy.chat import asking, selectors, services
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError


@require_safe
@login_required
def ask(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Who is there, how long it may take, and the button."""
    return _show(request, _session(request, session_id))


@require_POST
@login_required
def request_human(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The person asks."""
    return _carry_out(request, session_id, services.request_human)


@require_POST
@login_required
def withdraw(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The person no longer asks."""
    return _carry_out(request, session_id, services.withdraw_request)


def _carry_out(request: HttpRequest, session_id: UUID, service: Callable[..., object]) -> HttpResponse:
    session = _session(request, session_id)
    try:
        service(person_id=session.person_id, session_id=session.pk)
    except ApplicationError as error:
        raise Http404 from error
    return _show(request, session) if _is_part(request) else redirect("chat:session", session_id=session.pk)


def _show(request: HttpRequest, session: ChatSession) -> HttpResponse:
    template = "chat/_ask.html" if _is_part(request) else "chat/ask.html"
    response = render(request, template, {"session": session, "offer": asking.offer(session)})
    response["Vary"] = "HX-Request"
    return response


def _is_part(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _session(request: HttpRequest, session_id: UUID) -> ChatSession:
    assert isinstance(request.user, User)
    session = selectors.session_of(request.user.pk, session_id)
    if session is None:
        raise Http404
    return session
