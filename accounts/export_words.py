"""What the keys of an export are called on the page that a person reads. A key that is not here is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

KEYS: Mapping[str, _StrPromise] = {
    "account": _("account"),
    "action": _("what was done"),
    "age_stated_at": _("age stated at"),
    "approved_at": _("approved at"),
    "at": _("time"),
    "because": _("because"),
    "begun_at": _("begun at"),
    "changed_at": _("changed at"),
    "consents": _("decisions"),
    "conversations": _("conversations"),
    "country": _("country or region"),
    "created_at": _("created at"),
    "decided_at": _("decided at"),
    "details": _("details"),
    "disputed_at": _("contradicted at"),
    "done_at": _("done at"),
    "drafted_at": _("drafted at"),
    "e_mail": _("e-mail address"),
    "emergency_contact": _("emergency contact"),
    "ended_at": _("ended at"),
    "goals": _("goals"),
    "granted": _("allowed"),
    "kind": _("kind"),
    "label": _("label"),
    "language": _("language"),
    "level": _("level"),
    "made_by": _("made by"),
    "messages": _("messages"),
    "minutes": _("minutes"),
    "name": _("name"),
    "note": _("note"),
    "noticed": _("what was noticed"),
    "observations": _("readings"),
    "outcome": _("outcome"),
    "plans": _("plans"),
    "profile": _("profile"),
    "pronouns": _("pronouns"),
    "purpose": _("purpose"),
    "read_by_staff": _("read by staff"),
    "reading": _("reading"),
    "reason": _("reason"),
    "removed_at": _("removed at"),
    "reviews": _("reviews"),
    "role": _("role"),
    "session": _("conversation"),
    "source": _("source"),
    "staff_alerted_at": _("staff alerted at"),
    "state": _("state"),
    "steps": _("steps"),
    "text": _("text"),
    "text_version": _("version of the text"),
    "time_zone": _("time zone"),
    "title": _("title"),
    "user_name": _("user name"),
    "version": _("version"),
    "what": _("what"),
    "who": _("who"),
}
