"""Response headers that keep people's pages out of caches and browsers, and foreign code out of our pages."""

from collections.abc import Callable, Mapping, Sequence

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

LOGOUT_VIEWS = frozenset({"account_logout", "admin:logout"})
ERASE_VIEW, ERASED_VIEW = "accounts:erase", "accounts:erased"

# The theme of the admin has inline scripts and styles and evaluates its attributes. Nothing is loaded from elsewhere,
# sent elsewhere or framed there either.
DESK_POLICY: Mapping[str, Sequence[str]] = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "connect-src": ["'self'"],
    "frame-ancestors": ["'none'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "object-src": ["'none'"],
}


class ContentPolicyMiddleware(CSPMiddleware):
    """The strict policy of the settings for people's pages, a wider one for the admin."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """The policy of the page that is asked for."""
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(reverse("admin:index")):
            parts.config = dict(DESK_POLICY)
        return parts


class PrivacyHeadersMiddleware:
    """No page of a signed-in person may be stored by a browser or proxy, nothing stays after the last one (PR-11)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add `no-store` wherever a session is open, which needs no look into the database."""
        response = self.get_response(request)
        match = request.resolver_match
        if match and _ends_the_stay(request, match.view_name, response):
            response["Clear-Site-Data"] = '"cache", "storage"'
        if request.session.session_key or match and match.view_name in LOGOUT_VIEWS:
            response["Cache-Control"] = "no-store"
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


def _ends_the_stay(request: HttpRequest, view: str, response: HttpResponse) -> bool:
    """Whether somebody logged out or was erased just now: a copy of the safety plan must not stay in the browser.

    The page of erasure leads to the receipt only where all is gone, not where the word or the password was wrong.
    """
    is_erased = view == ERASE_VIEW and response.get("Location") == reverse(ERASED_VIEW)
    return request.method == "POST" and (view in LOGOUT_VIEWS or is_erased)
