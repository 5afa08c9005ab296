"""What a staff session needs before it may open anything of the desk: a second factor, a standing, and not too old."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Literal, cast

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.selectors import has_second_factor, is_certified

Refusal = Literal["", "second_factor", "standing"]

SINCE, SEEN, SET_UP = "staff_since", "staff_seen", "staff_factor_set_up"
# How often the time of the last step is written: a session row a minute, not one a click.
_TOUCH_EVERY = timedelta(minutes=1)


def has_timed_out(session: MutableMapping[str, Any], now: datetime) -> bool:
    """Whether a staff session idled too long or began too long ago (SE-09)."""
    at = now.timestamp()
    began, seen = float(session.get(SINCE, at)), float(session.get(SEEN, at))
    return at - seen > settings.STAFF_IDLE_SECONDS or at - began > settings.STAFF_SESSION_SECONDS


def touch(session: MutableMapping[str, Any], now: datetime) -> None:
    """Note that the staff member did something."""
    at = now.timestamp()
    if SINCE not in session:
        session[SINCE] = at
    if at - float(session.get(SEEN, 0)) >= _TOUCH_EVERY.total_seconds():
        session[SEEN] = at


def note_set_up(request: HttpRequest, authenticator: Authenticator, **kwargs: Any) -> None:
    """A second factor was set up in this very session: it need not begin anew."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        request.session[SET_UP] = True


def is_session_proven(user: User, session: MutableMapping[str, Any]) -> bool:
    """Whether this session was opened with a second factor, or the factor was set up in it. A removed one ends that."""
    # allauth reads nothing of the request but its session, which is all that a socket has.
    records = get_authentication_records(cast(HttpRequest, SimpleNamespace(session=session)), user)
    used = any(record.get("method") == "mfa" for record in records)
    return (used or bool(session.get(SET_UP))) and has_second_factor(user)


def refusal(user: User, session: MutableMapping[str, Any], now: datetime) -> Refusal:
    """Why a staff session may not open the desk; empty where it may. For pages and sockets alike."""
    if settings.STAFF_MFA_REQUIRED and not is_session_proven(user, session):
        return "second_factor"
    if user.is_counselling_staff and not is_certified(user, now):
        return "standing"
    return ""
