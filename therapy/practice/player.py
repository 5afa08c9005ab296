"""What the player's page holds: the phases laid out in time, the words it speaks, and pictures of before and after."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.selectors import open_profile
from ml.planning.records import Practice
from therapy.practice import signals_door, timeline, wording
from therapy.practice.cards import language_now
from therapy.practice.selectors import RunView
from therapy.safety import hotlines

# The small picture of before and after: two columns of points, joined.
WIDTH, HEIGHT, EDGE = 240, 132, 14
LABEL_WIDTH = 56


def caution(request: HttpRequest, person: User, practice: Practice) -> str:
    """The practice's own caution, with the numbers of the person's country in it."""
    language = language_now()
    accepted = request.headers.get("Accept-Language", "")
    country = hotlines.country_for(open_profile(person.pk).country, accepted, language)
    text = practice.cautions.of(language)
    text = text.replace("{emergency_number}", hotlines.emergency_number(country, language))
    return text.replace("{crisis_line}", hotlines.crisis_line_text(country, language))


def parts(view: RunView, practice: Practice) -> list[dict[str, Any]]:
    """The phases as the page shows them without scripts and the player follows them."""
    laid_out = timeline.lay_out(practice, language_now(), view.body.lengths, view.body.extra)
    return [{**asdict(part), "name": str(wording.PHASES[part.phase])} for part in laid_out]


def notes(view: RunView, practice: Practice) -> list[str]:
    """Why this run differs, in words, with the practice's own advice for it."""
    said = wording.notes(view.body.notes)
    advice = {"tense": "if_tense", "scattered": "if_scattered"}
    return said + [practice.adapt[advice[code]].of(language_now()) for code in view.body.notes if code in advice]


def data(person_id: UUID, view: RunView, practice: Practice) -> dict[str, Any]:
    """Everything that the player needs, as JSON in the page."""
    return {
        "id": str(view.id),
        "title": practice.title.of(language_now()),
        "position": view.position,
        "parts": parts(view, practice),
        "sound": practice.sound,
        "scene": practice.scene,
        "language": "zh-CN" if language_now() == "zh" else "en-US",
        "positionUrl": reverse("practice:position", args=[view.id]),
        "finishUrl": reverse("practice:finish", args=[view.id]),
        "signals": signals_door.for_player(person_id),
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "in": _("Breathe in"),
        "hold": _("Rest"),
        "out": _("Breathe out"),
        "hold_out": _("Rest"),
        "free": _("Breathe as you like"),
        "begin": _("Begin"),
        "goOn": _("Go on"),
        "pause": _("Pause"),
        "paused": _("Paused. Take your time."),
        "resumed": _("You stopped here last time. Go on when you like."),
        "slept": _("The device was asleep, so the practice waited for you."),
        "left": _("{minutes} left"),
        "longer": _("A little more time for this part."),
        "pulseHigh": _("A little longer on breathing: your pulse is still high."),
        "tenseStill": _("A little longer on breathing: you seem still tense."),
        "pulse": _("Pulse {rate}"),
        "heartHere": _("Your pulse is shown here only. Nothing of it is kept."),
        "heartKept": _("Your pulse is shown, and kept encrypted as you allowed."),
        "heartLost": _("The belt cannot be reached any more. The practice goes on without it."),
        "heartNot": _("That did not work. Is the belt on, and Bluetooth switched on?"),
        "kept": _("You are offline. Your answer is kept on this device and sent when you are back."),
        "sent": _("Sent. Your answer is saved."),
        "notSaved": _("That could not be saved. Please try once more."),
        "ended": _("The practice has come to its end. Well, how is it now?"),
    }


def entry(view: RunView) -> dict[str, Any]:
    """A run that was ended, for the list and the page of its result."""
    rows = wording.changes(view.body.before, view.body.after)
    minutes = max(1, round(view.body.seconds / 60)) if view.body.seconds else 0
    return {
        "id": view.id,
        "title": view.practice.title.of(language_now()) if view.practice else "",
        "practice_id": view.practice_id,
        "started_at": view.started_at,
        "is_done": view.state == "done",
        "length": ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes} if minutes else "",
        "changes": rows,
        "picture": picture(rows),
        "was_lengthened": sum(view.body.extra) > 0,
    }


def picture(rows: list[dict[str, object]]) -> dict[str, Any]:
    """Two points per scale, joined by a line; higher on the picture is higher on the scale."""
    left, right = EDGE + 6, WIDTH - LABEL_WIDTH - EDGE
    lines = [{**row, "x1": left, "y1": _y(row["before"]), "x2": right, "y2": _y(row["after"])} for row in rows]
    _keep_apart(lines)
    return {"width": WIDTH, "height": HEIGHT, "left": left, "right": right, "label_x": right + 10, "lines": lines}


def _y(value: object) -> float:
    return round(HEIGHT - EDGE - float(str(value)) / 10 * (HEIGHT - 2 * EDGE), 1)


def _keep_apart(lines: list[dict[str, Any]]) -> None:
    """Names beside the second points must not cover each other: at least 15 px between them, within the picture."""
    gap, low = 15.0, HEIGHT - 4.0
    for line in sorted(lines, key=lambda one: one["y2"], reverse=True):
        line["label_y"] = round(min(line["y2"] + 4, low), 1)
        low = line["label_y"] - gap
    highest = min((line["label_y"] for line in lines), default=HEIGHT)
    if highest < 12:
        for line in lines:
            line["label_y"] += 12 - highest
