"""Public pages: what this is, and how words are kept. No login, nothing personal."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Attune is, in a few sentences, and where to begin."""
    return render(request, "core/home.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """How words are kept, for anyone, before they sign up."""
    return render(request, "core/privacy.html")
