"""Pages of this room for staff: being on call, one alert's history, the drill, browsers that want to be woken."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role, User
from therapy.core.errors import ApplicationError
from therapy.oncall import drill, pages, services
from therapy.oncall.access import may_see
from therapy.safety import services as safety


def staff_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Counselling staff and operators; strangers are asked to sign in, others are told that there is nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not (isinstance(request.user, User) and may_see(request.user)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _page(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    response = render(request, template, {**admin.site.each_context(request), **context})
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@staff_only
def home(request: HttpRequest) -> HttpResponse:
    """Who is on call, and what one can do about oneself."""
    return _page(request, "oncall/home.html", pages.home(_user(request), timezone.now()))


@require_POST
@staff_only
def away(request: HttpRequest) -> HttpResponse:
    """Off the rota now."""
    return _acted(request, lambda: services.go_offline(user=_user(request)), _("You are off the rota for now."))


@require_POST
@staff_only
def back(request: HttpRequest) -> HttpResponse:
    """On the rota again."""
    return _acted(request, lambda: services.come_back(user=_user(request)), _("You are on the rota again."))


@require_POST
@staff_only
def begin_drill(request: HttpRequest) -> HttpResponse:
    """A drill on demand."""
    said = _("The drill has begun. It takes up to a minute; this page shows how it went.")
    return _acted(request, lambda: drill.begin(timezone.now()), said, at="admin:index")


@require_safe
@staff_only
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """One alert and its history."""
    context = pages.alert(alert_id, _user(request), timezone.now())
    if context is None:
        raise Http404
    return _page(request, "oncall/alert.html", context)


@require_POST
@staff_only
def take(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Take an alert."""
    try:
        is_first = safety.acknowledge_alert(alert_id=alert_id, user=_user(request))
    except ApplicationError as error:
        messages.error(request, str(error.text))
    else:
        said = _("You have taken this alert.") if is_first else _("Somebody has already taken this alert.")
        messages.info(request, said)
    return HttpResponseRedirect(reverse("oncall:alert", args=[alert_id]))


@require_POST
@staff_only
def hand_over(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Give an alert to a colleague."""
    # Only among staff: nobody finds out here whether a client of that name exists.
    to = get_object_or_404(User.objects.exclude(role=Role.CLIENT), username=request.POST.get("to", ""))
    said = _("Offered. Until your colleague takes it, the next ones are called in turn.")
    return _acted(
        request,
        lambda: services.hand_over(alert_id=alert_id, user=_user(request), to=to),
        said,
        at="oncall:alert",
        alert_id=alert_id,
    )


@require_POST
@staff_only
def escalate(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Call everyone."""
    return _acted(
        request,
        lambda: services.escalate(alert_id=alert_id, user=_user(request)),
        _("Everyone is being called."),
        at="oncall:alert",
        alert_id=alert_id,
    )


@require_http_methods(["POST", "DELETE"])
@staff_only
def browser(request: HttpRequest) -> HttpResponse:
    """Sign this browser up for alerts, or off."""
    try:
        data = json.loads(request.body)
        endpoint, keys = str(data["endpoint"]), data.get("keys") or {}
        if request.method == "DELETE":
            services.sign_off_browser(user=_user(request), endpoint=endpoint)
        else:
            p256dh, auth = str(keys["p256dh"]), str(keys["auth"])
            services.sign_up_browser(user=_user(request), endpoint=endpoint, p256dh=p256dh, auth=auth)
    except (ValueError, TypeError, KeyError, AttributeError):
        return JsonResponse({"error": "bad_request"}, status=400)
    except ApplicationError as error:
        return JsonResponse({"error": error.code, "text": str(error.text)}, status=400)
    return JsonResponse({"ok": True})


def _acted(
    request: HttpRequest, act: Callable[[], object], said: str, *, at: str = "oncall:home", alert_id: UUID | None = None
) -> HttpResponse:
    try:
        act()
    except ApplicationError as error:
        messages.error(request, str(error.text))
    else:
        messages.success(request, said)
    return HttpResponseRedirect(reverse(at, args=[alert_id] if alert_id else []))
