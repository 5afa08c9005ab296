"""Pages of the library for people: articles to read and to search. What somebody searches for is kept nowhere."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.selectors import profile_of
from ml.types import RiskLevel
from therapy.library import reading, searching
from therapy.library.models import Kind
from therapy.safety import hotlines, screening

# What stands further down answers something else.
MOST_FOUND = 8


def _client(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.is_client:
        raise Http404
    return user


@require_http_methods(["GET", "POST"])
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """All articles, or those that a search finds. The words come by POST: they stand in no address and no log."""
    _client(request)
    words = " ".join(request.POST.get("words", "").split())[: searching.MOST_CHARACTERS]
    shown = {view.id: view for view in reading.articles()}
    if words:
        hits = searching.search(words, language=reading.page_language(), kinds=(Kind.ARTICLE,))
        articles = [shown[hit.key] for hit in hits if hit.key in shown][:MOST_FOUND]
    else:
        articles = list(shown.values())
    # Somebody may tell a search what they tell nobody: then people stand first, and nothing is kept or sent.
    is_danger = bool(words) and screening.screen(words, (), reading.page_language()).level >= RiskLevel.HIGH
    context = {
        "articles": articles,
        "words": words,
        "is_danger": is_danger,
        "most_characters": searching.MOST_CHARACTERS,
    }
    return render(request, "library/home.html", context)


@require_GET
@login_required
def article(request: HttpRequest, key: str) -> HttpResponse:
    """One article."""
    person = _client(request)
    language = reading.page_language()
    accept = request.headers.get("Accept-Language", "")
    country = hotlines.country_for(profile_of(person.pk).country, accept, language)
    view = reading.article(key, country=country)
    if view is None:
        raise Http404
    return render(request, "library/article.html", {"article": view})
