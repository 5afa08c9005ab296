"""Keeps the public help pages independent of sign-in and database."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PREFIX = "/help/"


class HelpWithoutSessionMiddleware:
    """Under /help/ nobody is signed in: no later part of the request may look for a session or a user in Postgres."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hide the session cookie from the rest of the request; the browser keeps it."""
        if request.path_info.startswith(PREFIX):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)
