"""Frames of the chat socket, version 1: what a browser may send, parsed into frozen values, and what we answer.

Every frame is a JSON object with `v` and `type`. A bad one is answered with an error frame; the socket stays open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

VERSION = 1


class BadFrame(Exception):
    """A frame that cannot be understood. `hostile` ones (not JSON at all, far too large) count towards closing."""

    def __init__(self, code: str, *, hostile: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.hostile = hostile


@dataclass(frozen=True, slots=True)
class Join:
    """Show a session; `since` is the last sequence number already shown."""

    session: UUID
    since: int


@dataclass(frozen=True, slots=True)
class Send:
    """A new message. The same `client_id` may come again after a reconnect: it is written once."""

    client_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop the reply being written."""

    turn: UUID


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again for a reply that failed or was stopped."""

    turn: UUID


@dataclass(frozen=True, slots=True)
class Dispute:
    """That's not what I meant."""

    flag: UUID


@dataclass(frozen=True, slots=True)
class Typing:
    """The person is typing."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Is anybody there?"""


Frame = Join | Send | Stop | Retry | Dispute | Typing | Ping


def parse(raw: str | None, *, max_bytes: int) -> Frame:
    """Read one frame.

    Raises:
        BadFrame: not JSON, wrong version, unknown type, or a field missing or of the wrong kind.
    """
    if raw is None:
        raise BadFrame("not_text", hostile=True)
    if len(raw) > max_bytes:
        raise BadFrame("frame_too_large", hostile=True)
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadFrame("not_json", hostile=True) from error
    if not isinstance(data, dict):
        raise BadFrame("not_an_object", hostile=True)
    if data.get("v", VERSION) != VERSION:
        raise BadFrame("unknown_version")
    return _build(data)


def _build(data: dict[str, Any]) -> Frame:
    match data.get("type"):
        case "join":
            return Join(_uuid(data, "session"), _count(data, "since"))
        case "send":
            return Send(_uuid(data, "client_id"), _text(data, "text"))
        case "stop":
            return Stop(_uuid(data, "turn"))
        case "retry":
            return Retry(_uuid(data, "turn"))
        case "dispute":
            return Dispute(_uuid(data, "flag"))
        case "typing":
            return Typing()
        case "ping":
            return Ping()
    raise BadFrame("unknown_type")


def _uuid(data: dict[str, Any], name: str) -> UUID:
    value = data.get(name)
    if not isinstance(value, str):
        raise BadFrame(f"missing_{name}")
    try:
        return UUID(value)
    except ValueError as error:
        raise BadFrame(f"bad_{name}") from error


def _count(data: dict[str, Any], name: str) -> int:
    value = data.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise BadFrame(f"bad_{name}")
    return value


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise BadFrame(f"missing_{name}")
    return value


def answer(kind: str, **fields: object) -> str:
    """One frame to the browser, as JSON text."""
    return json.dumps({"v": VERSION, "type": kind, **fields}, ensure_ascii=True, default=str)


def error_text(code: str) -> str:
    """What a person reads for an error code."""
    texts = {
        "empty": _("There is nothing to send yet."),
        "too_long": _("That is a lot at once. Could you send it in shorter parts? Nothing you wrote is lost."),
        "rate_limited": _("You are writing very fast. Take a breath; you can send again in a moment."),
        "not_found": _("This conversation could not be found."),
        "ended": _("This conversation has ended. You can start a new one whenever you like."),
        "signed_out": _("You have been signed out. Please sign in again; what you sent is kept."),
        "signed_out_unsent": _("You have been signed out, so this was not sent. Please sign in and send it again."),
        "unavailable": _("Something on our side is not working. Your message was not sent. Please try again."),
    }
    return texts.get(code, _("That could not be understood. Please try again."))
