"""What every page of the desk shares: who may see it, its frame, and refusals told as messages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Role, User
from therapy.core.errors import ApplicationError
from therapy.safety.models import RiskFlag

View = Callable[..., HttpResponse]


def user_of(request: HttpRequest) -> User:
    """The signed-in counsellor; to anybody else the page does not exist."""
    if not (isinstance(request.user, User) and request.user.is_counselling_staff):
        raise Http404
    return request.user


def is_supervisor(user: User) -> bool:
    """Whether somebody supervises."""
    return user.is_counselling_staff and user.role == Role.SUPERVISOR


def posted_id(request: HttpRequest, name: str) -> UUID:
    """An id of a form; rubbish leads nowhere."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError as error:
        raise Http404 from error


def desk_view(view: View) -> View:
    """Counselling staff only; a refusal of a service becomes a message on the page they came from, or the queue."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        user_of(request)
        try:
            return view(request, *args, **kwargs)
        except ApplicationError as error:
            if error.code in ("forbidden", "not_found"):
                raise Http404 from error
            messages.error(request, str(error.text))
            return HttpResponseRedirect(_back(request))

    return guarded


def _back(request: HttpRequest) -> str:
    """Where a refused form came from, if that is a page of ours; else the queue."""
    place = request.headers.get("Referer", "") if request.method == "POST" else ""
    hosts = {request.get_host()}
    if place and url_has_allowed_host_and_scheme(place, hosts, require_https=request.is_secure()):
        return place
    return reverse("admin:safety_riskflag_changelist")


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page in the admin's frame that no cache keeps."""
    shared = {**admin.site.each_context(request), "opts": RiskFlag._meta, "me": request.user, **context}
    response = render(request, template, shared, status=status)
    response["Cache-Control"] = "no-store"
    return response
