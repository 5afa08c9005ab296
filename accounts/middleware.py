"""Per request: the language of the signed-in person, and the door before chat and plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode

from accounts import services
from accounts.languages import supported
from accounts.selectors import may_use_service, profile_of

# Must answer with the database away: no session is opened for them.
PUBLIC_NAMESPACES = frozenset({"safety"})
GATED_NAMESPACES = frozenset(
    {"chat", "plans", "care", "practice", "today", "library", "memory", "journal", "assessments", "progress", "signals"}
)


def zone_of(name: str) -> ZoneInfo:
    """The named time zone; UTC where the name is not known here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _namespace(request: HttpRequest) -> str:
    return request.resolver_match.namespace if request.resolver_match else ""


class PersonLanguageMiddleware:
    """The profile's language is the page's language of a signed-in person, and follows the language switch."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; afterwards keep profile and cookie in step."""
        timezone.deactivate()
        response = self.get_response(request)
        match = request.resolver_match
        if match and match.url_name == "set_language" and request.method == "POST" and request.user.is_authenticated:
            chosen = request.POST.get("language", "")
            if chosen in dict(settings.LANGUAGES):
                services.update_profile(person_id=request.user.pk, language=chosen)
            return response
        spoken = getattr(request, "person_language", None)
        if spoken and request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != spoken:
            # The help pages open no session and know the language from the cookie alone.
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                spoken,
                samesite="Lax",
                secure=settings.LANGUAGE_COOKIE_SECURE,
            )
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Speak the person's language from here on."""
        if _namespace(request) in PUBLIC_NAMESPACES or not request.session.session_key:
            return
        if request.user.is_authenticated:
            profile = profile_of(request.user.pk)
            language = supported(profile.language)
            timezone.activate(zone_of(profile.time_zone))
            translation.activate(language)
            request.LANGUAGE_CODE = language
            request.person_language = language  # type: ignore[attr-defined]


class OnboardingMiddleware:
    """A client who has not stated their age, been told of the AI and agreed to the service sees that page first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do around the view."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Send to the consent page from chat and plan pages only: help, privacy and leaving stay open."""
        if _namespace(request) not in GATED_NAMESPACES or not request.user.is_authenticated:
            return None
        if not request.user.is_client or may_use_service(request.user.pk):
            return None
        place = reverse("accounts:consent")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": place})
        if request.method not in ("GET", "HEAD"):
            return HttpResponseRedirect(place)
        return HttpResponseRedirect(f"{place}?{urlencode({'next': request.path})}")
