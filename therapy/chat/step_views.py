"""Talking about a step of one's plan: a conversation that begins with it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.selectors import may_use_service
from therapy.chat import about_step
from therapy.core.errors import ApplicationError


@require_POST
@login_required
def about(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Go to a conversation about a step; the one that began with it today, or a new one."""
    if not isinstance(request.user, User) or not request.user.is_client:
        raise Http404
    if not may_use_service(request.user.pk):
        return redirect("accounts:consent")
    accept = request.headers.get("Accept-Language", "")
    try:
        session = about_step.talk_about(person_id=request.user.pk, item_id=item_id, accept_language=accept)
    except ApplicationError as error:
        raise Http404 from error
    return redirect("chat:session", session_id=session.pk)
