"""The door of admin and desk, per request: second factor, certificate, and the end of idle staff sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.middleware import PUBLIC_NAMESPACES
from accounts.models import User

# Admin and desk pages of every app, by the name space of their routes.
STAFF_NAMESPACES = frozenset({"admin", "review", "oncall"})
# Open without standing: signing out, and the test by which standing is won.
OPEN_VIEWS = frozenset({"admin:logout", "admin:jsi18n", "review:scenarios"})
# Asked by pages themselves: a page left open is not somebody at work. Its script adds `active` when somebody is.
QUIET_VIEWS = frozenset({"review:alerts", "review:here"})


class StaffAccessMiddleware:
    """Staff with a proven second factor and a standing pass; the others are told what is missing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do around the view."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """End what idled, then ask for factor and standing before anything of the desk."""
        match = request.resolver_match
        namespace = match.namespace if match else ""
        if namespace in PUBLIC_NAMESPACES or not request.session.session_key:
            return None
        user = request.user
        if not (isinstance(user, User) and user.is_staff):
            return None
        name = match.view_name if match else ""
        now = timezone.now()
        if access.has_timed_out(request.session, now):
            return _end(request, is_quiet=name in QUIET_VIEWS)
        if name not in QUIET_VIEWS or "active" in request.GET:
            access.touch(request.session, now)
        if namespace not in STAFF_NAMESPACES or name in ("admin:logout", "admin:jsi18n"):
            return None
        return _answer(request, access.refusal(user, request.session, now), name)


def _end(request: HttpRequest, *, is_quiet: bool) -> HttpResponse:
    """Sign out; a page that only asks is told by its status, a person by words."""
    place = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("admin:index")
    logout(request)
    if is_quiet:
        return HttpResponse(status=401)
    messages.info(request, _("You were signed out because nothing happened for a while, or the day is long."))
    return redirect_to_login(place)


def _answer(request: HttpRequest, reason: access.Refusal, name: str) -> HttpResponse | None:
    if not reason or (reason == "standing" and name in OPEN_VIEWS):
        return None
    if name in QUIET_VIEWS:
        return HttpResponse(status=403)
    if reason == "standing":
        return HttpResponseRedirect(reverse("accounts:standing"))
    messages.warning(request, _("Staff need a second factor: set up a code generator or a security key first."))
    return HttpResponseRedirect(reverse("mfa_index"))
