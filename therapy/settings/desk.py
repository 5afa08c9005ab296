"""Look and parts of the admin (django-unfold)."""

from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Attune",
    "SITE_HEADER": _("Attune desk"),
    "SITE_SYMBOL": "support",
    "SITE_FAVICONS": [{"rel": "icon", "href": lambda request: static("core/favicon.svg")}],
    "SHOW_HISTORY": False,
    "STYLES": [
        lambda request: static("review/desk.css"),
        lambda request: static("review/transcript.css"),
        lambda request: static("review/alerts.css"),
        lambda request: static("oncall/oncall.css"),
    ],
    "SCRIPTS": [lambda request: static("review/alerts.js")],
    "DASHBOARD_CALLBACK": "therapy.review.dashboard.dashboard",
    "SIDEBAR": {"navigation": "therapy.review.navigation.sidebar"},
    # The teal of the product's own pages, as a scale.
    "COLORS": {
        "primary": {
            "50": "oklch(97.8% 0.012 187)",
            "100": "oklch(94.6% 0.025 187)",
            "200": "oklch(89% 0.045 187)",
            "300": "oklch(81% 0.068 187)",
            "400": "oklch(71% 0.085 187)",
            "500": "oklch(60% 0.085 188)",
            "600": "oklch(48% 0.073 189)",
            "700": "oklch(42% 0.062 189)",
            "800": "oklch(36% 0.052 189)",
            "900": "oklch(30% 0.042 189)",
            "950": "oklch(22% 0.032 189)",
        },
    },
}
