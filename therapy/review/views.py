"""What the live banner of the admin asks for. Counselling staff only; to anybody else these pages do not exist."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from ml.types import Language
from therapy.review import claims, scenarios, selectors
from therapy.safety import services as safety
from therapy.safety.models import Level


def counsellors_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Counselling staff passes; strangers are asked to sign in, everybody else is told that there is nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            # A page left open must notice that its sign-in has ended, and say so instead of staying silent.
            return HttpResponse(status=401)
        if not (isinstance(request.user, User) and request.user.is_counselling_staff):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@counsellors_only
def scenario_test(request: HttpRequest) -> HttpResponse:
    """The scenario test: the cases, or (POST) what was right, with the reasons."""
    assert isinstance(request.user, User)
    language: Language = "zh" if (get_language() or "").startswith("zh") else "en"
    context: dict[str, object] = {"levels": Level.choices}
    if request.method == "POST":
        result, marked = scenarios.record_attempt(user=request.user, answers=request.POST.dict(), language=language)
        context |= {"result": result, "marked": marked}
    else:
        cases = scenarios.scenarios(language)
        # Another order for everybody: the answers of a neighbour's sheet do not help.
        random.Random(request.user.pk.int).shuffle(cases)
        context |= {"cases": cases}
    return render(request, "review/scenarios.html", context)


@require_safe
@counsellors_only
def alerts(request: HttpRequest) -> JsonResponse:
    """Alerts nobody has taken, and how many flags are open. `active`: somebody does something on the page that asks."""
    assert isinstance(request.user, User)
    if "active" in request.GET:
        claims.note_presence(user=request.user)
    waiting = [
        {
            "id": str(alert.id),
            "level": alert.level,
            "name": alert.level_name,
            "kind": alert.kind,
            "age": alert.age_seconds,
            "status": alert.status,
            "url": reverse("admin:safety_riskflag_change", args=[alert.flag_id]),
            "take": reverse("review:take", args=[alert.id]),
        }
        for alert in selectors.desk_alerts()
    ]
    return JsonResponse({"alerts": waiting, "open": sum(row.count for row in selectors.open_counts())})


@require_POST
@counsellors_only
def take(request: HttpRequest, alert_id: UUID) -> JsonResponse:
    """Acknowledge one alert."""
    assert isinstance(request.user, User)
    return JsonResponse({"taken": safety.acknowledge_alert(alert_id=alert_id, user=request.user)})
