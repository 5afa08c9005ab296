"""Help pages for anyone: no login, no JavaScript, no database (CR-11, RG-03)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from ml.types import RiskLevel
from therapy.safety import help_page, hotlines


@require_safe
def get_help(request: HttpRequest) -> HttpResponse:
    """Emergency numbers and crisis lines of a country, and how to use them."""
    if "language" in request.GET:
        return _with_language(request)
    language = _language()
    country = _country(request, language)
    return render(
        request,
        "safety/help.html",
        {
            "prose": f"safety/_help_{language}.html",
            "country": country,
            "countries": help_page.country_choices(language, country),
            "emergency": help_page.emergency_lines(country, language),
            "guidance": hotlines.emergency_guidance(language),
            "groups": help_page.groups(country, language),
            "checked": hotlines.table_date(),
            "language": language,
        },
    )


@require_safe
def protocol(request: HttpRequest) -> HttpResponse:
    """What this service does when someone is in danger."""
    if "language" in request.GET:
        return _with_language(request)
    language = _language()
    levels = [level.label for level in RiskLevel]
    context = {"prose": f"safety/_protocol_{language}.html", "levels": levels, "language": language}
    return render(request, "safety/protocol.html", context)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that keeps this page's numbers on the device; its scope is /help/ alone."""
    context = {"cache": "attune-help", "page": reverse("safety:help"), "parts": ("safety/help.css",)}
    return render(request, "safety/offline.js", context, content_type="text/javascript")


def _language() -> str:
    return "zh" if (get_language() or "en").startswith("zh") else "en"


def _country(request: HttpRequest, language: str) -> str:
    """The chosen country if it is a code, else a guess from the browser's locale, else none."""
    chosen = request.GET.get("country")
    if chosen is None:
        return hotlines.country_for("", request.headers.get("Accept-Language", ""), language)
    code = chosen.strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def _with_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and show the page again; works without CSRF token and database."""
    query = request.GET.copy()
    wanted = query.pop("language")[-1]
    response = HttpResponseRedirect(request.path + (f"?{query.urlencode()}" if query else ""))
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            str(wanted),
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
            max_age=31_536_000,
        )
    return response
