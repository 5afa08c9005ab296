"""Response headers that keep people's pages out of caches and browsers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

LOGOUT_VIEWS = frozenset({"account_logout", "admin:logout"})


class PrivacyHeadersMiddleware:
    """No page of a signed-in person may be stored by a browser or proxy, nothing stays after logging out (PR-11)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add `no-store` wherever a session is open, which needs no look into the database."""
        response = self.get_response(request)
        match = request.resolver_match
        if match and match.view_name in LOGOUT_VIEWS and request.method == "POST":
            response["Clear-Site-Data"] = '"cache", "storage"'
        if request.session.session_key or match and match.view_name in LOGOUT_VIEWS:
            response["Cache-Control"] = "no-store"
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response
