"""Pages of chat: the list of conversations, one conversation, and a plain form for browsers without scripts."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.selectors import may_use_service
from therapy.chat import selectors, services, socket_reads, speakers
from therapy.chat.frames import error_text
from therapy.core.errors import ApplicationError


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _texts() -> dict[str, str]:
    """What the page's scripts say."""
    return {
        "sending": _("Sending…"),
        "offline": _("You are offline. What you write is kept on this page and sent when you are back."),
        "reconnecting": _("Reconnecting…"),
        "thinking": _("Attune is reading…"),
        "writing": _("Attune is writing…"),
        "place": _("You are number {place} in line, about {eta} seconds."),
        "failed": _("The reply did not come. Your message is safe."),
        "stopped": _("Stopped."),
        "retry": _("Ask again"),
        "resend": _("Send again"),
        "not_sent": _("Not sent yet"),
        "too_long": error_text("too_long"),
        "you": _("You"),
        "assistant": _("Attune (AI)"),
        "counsellor": _("Counsellor"),
        "system": _("Notice"),
        "counsellor_here": _("You are writing with {who}: a human."),
        "counsellor_away": _("{who} is away for a moment. What you write is kept."),
        "assistant_here": _("You are writing with an AI, not a human."),
        "who": _("{name} ({role})"),
        "role_counsellor": _("counsellor"),
        "role_supervisor": _("supervisor"),
        "close": _("Close"),
        "ask": _("Talk to a person"),
        "asked": _("You asked for a person"),
        "counsellor_typing": _("{name} is writing…"),
        "person_typing": _("Typing in another window…"),
        "dispute": _("That’s not what I meant"),
        "fold": _("Make smaller"),
        "unfold": _("Show help"),
        "more_help": _("More ways to get help"),
        "signed_out": _("You have been signed out. Please sign in again; what you sent is kept."),
        "sign_in": _("Sign in"),
    }


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The list of conversations."""
    return render(request, "chat/home.html", {"sessions": selectors.sessions_of(_person(request).pk)})


@require_POST
@login_required
def new_session(request: HttpRequest) -> HttpResponse:
    """Begin a conversation."""
    if not may_use_service(_person(request).pk):
        return redirect("accounts:consent")
    accept = request.headers.get("Accept-Language", "")
    session = services.open_session(person_id=_person(request).pk, accept_language=accept)
    return redirect("chat:session", session_id=session.pk)


@require_GET
@login_required
def session_page(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """One conversation; what is there is in the page, what comes arrives by the socket."""
    return _show(request, session_id)


def _show(request: HttpRequest, session_id: UUID, *, unsent: str = "") -> HttpResponse:
    """The page; `unsent` is what was refused: it goes back to the field, and help is shown if it speaks of danger."""
    person = _person(request)
    session = selectors.session_of(person.pk, session_id)
    if session is None:
        raise Http404
    card = socket_reads.card_for_text(person.pk, session_id, unsent) if unsent else None
    speaker = speakers.speaker_of(session, timezone.now())
    context = {
        "session": session,
        "sessions": selectors.sessions_of(person.pk),
        "chat_messages": selectors.messages_since(session, 0, limit=10_000),
        "card": card or socket_reads.card(person.pk, session_id),
        "speaker": speaker,
        "who_line": speakers.line_of(speaker),
        "is_waiting": selectors.open_turn(session_id) is not None,
        "unsent": unsent,
        "texts": _texts(),
        "client_id": uuid4(),
        "max_characters": settings.CHAT_MAX_CHARACTERS,
    }
    return render(request, "chat/session.html", context, status=422 if unsent else 200)


@require_POST
@login_required
def send(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """A message from a browser without scripts: the same service, then the page again."""
    try:
        client_id = UUID(request.POST.get("client_id", ""))
    except ValueError:
        client_id = uuid4()
    try:
        posted = services.post_message(
            person_id=_person(request).pk,
            session_id=session_id,
            client_id=client_id,
            text=request.POST.get("text", ""),
        )
    except ApplicationError as error:
        if error.code == "not_found":
            raise Http404 from error
        messages.warning(request, str(error.text))
        return _show(request, session_id, unsent=request.POST.get("text", ""))
    if posted.turn_id and not posted.is_repeat:
        services.dispatch_turn(turn_id=posted.turn_id)
    return redirect("chat:session", session_id=session_id)
