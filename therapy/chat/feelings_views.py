"""The picture of one's feelings in one conversation: shown, put away, or reading switched off."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from therapy.chat import selectors
from therapy.chat.models import ChatSession
from therapy.chat.templatetags.feelings import panel
from therapy.observations import picture
from therapy.observations import selectors as observations
from therapy.observations import services as observation_services


def _session(request: HttpRequest, session_id: UUID) -> ChatSession:
    assert isinstance(request.user, User)
    session = selectors.session_of(request.user.pk, session_id)
    if session is None:
        raise Http404
    return session


def _is_part(request: HttpRequest) -> bool:
    """Whether the chat page's script asks: it gets the part it replaces, browsers without scripts a whole page."""
    return request.headers.get("X-Feelings") == "part"


@require_GET
@login_required
@vary_on_headers("X-Feelings")
def show(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The picture as it is now. Where reading is not allowed there is none, whatever was read before."""
    session = _session(request, session_id)
    if not observations.may_read_emotion(session.person_id):
        raise Http404
    drawn = picture.draw(observations.emotions_of(session.person_id, session.pk))
    template = "chat/_feelings_picture.html" if _is_part(request) else "chat/feelings.html"
    return render(request, template, {"picture": drawn, **panel(session)})


@require_POST
@login_required
def switch(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Put the picture away, bring it back, or stop the reading altogether."""
    session = _session(request, session_id)
    done = _switch(session, request.POST.get("choice", ""), forget="forget" in request.POST)
    if _is_part(request):
        return render(request, "chat/_feelings.html", panel(session, done=done))
    messages.success(request, done)
    return redirect("chat:session", session_id=session.pk)


def _switch(session: ChatSession, choice: str, *, forget: bool) -> str:
    """Do what was chosen; what to tell the person."""
    person_id = session.person_id
    if choice == "stop":
        observation_services.stop_reading_emotion(person_id=person_id, forget=forget)
        if forget:
            return _("Switched off. Feelings are no longer read from your words, and what was read so far is deleted.")
        return _("Switched off. Feelings are no longer read from your words. You can allow it again under My privacy.")
    if choice in ("hide", "show"):
        observation_services.hide_picture(person_id=person_id, is_hidden=choice == "hide")
        return _("The picture is put away.") if choice == "hide" else _("The picture is back.")
    raise Http404
