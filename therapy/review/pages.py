"""What the desk's pages about a flag or a conversation show, gathered for their templates."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Access, User
from therapy.chat.models import ChatSession
from therapy.chat.selectors import transcript as opened_messages
from therapy.review import claims, reading, selectors, transcript
from therapy.review.kinds import kind_name
from therapy.review.packet import packet
from therapy.safety import hotlines
from therapy.safety import selectors as safety
from therapy.safety.models import Level, RiskFlag


def flag_page(flag: RiskFlag, user: User) -> dict[str, Any]:
    """Facts of a flag that hold no words of the person."""
    others = RiskFlag.objects.filter(session_id=flag.session_id).exclude(pk=flag.pk).order_by("-created_at")
    return {
        "title": _("Flag"),
        "flag": flag,
        "session": flag.session,
        "level": Level(flag.level),
        "kind": kind_name(flag.kind),
        "language": language_name(flag.session),
        "alerts": list(flag.alerts.order_by("-level")),
        "person_level": Level(safety.effective_level(flag.person_id)),
        "person_ref": str(flag.person_id)[:8],
        "rules": list(dict.fromkeys(f"{item['source']}: {item['rule']}" for item in flag.evidence)),
        "scores": sorted(flag.scores.items(), key=lambda pair: -pair[1])[:8],
        "others": [(other, kind_name(other.kind)) for other in others[:20]],
        "reviews_count": flag.reviews.count(),
        "claim": claims.holder_of(flag.session_id),
        "may_read": reading.may_read(user, flag.session),
    }


def transcript_page(flag: RiskFlag, access: Access, user: User) -> dict[str, Any]:
    """The opened session of a flag. Call only with a reading that has been written down."""
    return {
        **flag_page(flag, user),
        **conversation(flag.session, access, user, level=flag.level),
        "title": _("Conversation"),
        "reviews": selectors.reviews_of(flag),
    }


def conversation(session: ChatSession, access: Access, user: User, *, level: int) -> dict[str, Any]:
    """An opened conversation with its packet. Call only with a reading that has been written down.

    The emergency contact is in it from high on, as people were promised: only a counsellor, only where a life may be
    in danger, in a reading they see.
    """
    views = opened_messages(session.pk)
    rows = transcript.rows_of(session, views)
    return {
        "title": _("Conversation"),
        "session": session,
        "language": language_name(session),
        "person_ref": str(session.person_id)[:8],
        "rows": rows,
        "packet": packet(session, views, rows, level=level),
        "access": access,
        "closes_at": access.at + selectors.READING_LASTS,
        "has_glass": reading.has_glass(user, session.pk),
    }


def language_name(session: ChatSession) -> str:
    """Language of a conversation, in itself."""
    return "中文" if session.language == "zh" else "English"


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
