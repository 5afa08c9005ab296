"""What the desk's pages show, gathered for their templates."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Access
from accounts.selectors import open_profile
from therapy.review import selectors, transcript
from therapy.review.kinds import kind_name
from therapy.safety import hotlines
from therapy.safety import selectors as safety
from therapy.safety.models import Level, RiskFlag


def flag_page(flag: RiskFlag) -> dict[str, Any]:
    """Facts of a flag that hold no words of the person."""
    others = RiskFlag.objects.filter(session_id=flag.session_id).exclude(pk=flag.pk).order_by("-created_at")
    return {
        "title": _("Flag"),
        "flag": flag,
        "level": Level(flag.level),
        "kind": kind_name(flag.kind),
        "language": "中文" if flag.session.language == "zh" else "English",
        "alerts": list(flag.alerts.order_by("-level")),
        "person_level": Level(safety.effective_level(flag.person_id)),
        "person_ref": str(flag.person_id)[:8],
        "rules": list(dict.fromkeys(f"{item['source']}: {item['rule']}" for item in flag.evidence)),
        "scores": sorted(flag.scores.items(), key=lambda pair: -pair[1])[:8],
        "others": [(other, kind_name(other.kind)) for other in others[:20]],
        "reviews_count": flag.reviews.count(),
    }


def transcript_page(flag: RiskFlag, access: Access) -> dict[str, Any]:
    """The opened session. Call only with a reading that has been written down."""
    return {
        **flag_page(flag),
        "title": _("Conversation"),
        "rows": transcript.rows_of(flag),
        "access": access,
        "closes_at": access.at + selectors.READING_LASTS,
        "reviews": selectors.reviews_of(flag),
        # Promised to people like this: only a counsellor, only where a life may be in danger, in a reading they see.
        "contact": open_profile(flag.person_id).emergency_contact if flag.level >= Level.HIGH else "",
    }


def hotlines_page() -> dict[str, Any]:
    """Every crisis line with its source and whether somebody has checked it."""
    today = timezone.now().date()
    rows = [
        {
            "line": line,
            "name": line.name["en"],
            "country": hotlines.country_name(line.country, "en"),
            "stale": line.is_stale(today),
            "hidden": line.is_hidden(today),
        }
        for line in hotlines.all_lines()
    ]
    return {
        "title": _("Crisis lines"),
        "rows": rows,
        "version": hotlines.table_version(),
        "unverified": sum(line.verified_at is None for line in hotlines.all_lines()),
    }
