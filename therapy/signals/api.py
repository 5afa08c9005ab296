"""The ways in for measurements: the signed-in browser, devices with a token, and the description of the latter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.selectors import may_use_service
from therapy.core.errors import ApplicationError
from therapy.signals import selectors, services, tokens
from therapy.signals.reading import MOST_ROWS, RowProblem, time_of
from therapy.signals.services import Report

MOST_BYTES = 256 * 1024
_DESCRIPTION = Path(__file__).parent / "openapi.json"
_DEVICE_CHARACTERS = 40


class BadBatch(Exception):
    """A batch that cannot be read at all."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.status, self.code, self.text = status, code, text

    def answer(self) -> JsonResponse:
        """For whoever sent it."""
        return JsonResponse({"code": self.code, "text": self.text}, status=self.status)


def client_of(request: HttpRequest) -> User:
    """The signed-in client; staff have no signals here."""
    user = request.user
    if not isinstance(user, User) or not user.is_client:
        raise Http404
    return user


@require_POST
@login_required
def ingest(request: HttpRequest) -> HttpResponse:
    """A batch of the signed-in browser (the token against forged requests is asked for as everywhere)."""
    person = client_of(request)
    try:
        body = _body(request)
        rows, sent_at, device = _batch(body)
    except BadBatch as bad:
        return bad.answer()
    kinds = services.allowed_kinds(person.pk, through_device=False)
    report = services.ingest(
        person_id=person.pk, rows=rows, source=f"browser:{device}"[:_DEVICE_CHARACTERS], kinds=kinds, sent_at=sent_at
    )
    return JsonResponse(answer(report))


@csrf_exempt
@require_POST
def observations(request: HttpRequest) -> HttpResponse:
    """A batch of a device, by its own token. A token is no cookie, so a foreign page cannot send it."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    device = tokens.holder_of(token.strip()) if scheme.lower() == "bearer" else None
    if device is None:
        answer_ = BadBatch(401, "token", "A valid device token is needed.").answer()
        answer_["WWW-Authenticate"] = "Bearer"
        return answer_
    if not may_use_service(device.person_id):
        return BadBatch(403, "consent", "The person does not allow the service itself.").answer()
    try:
        rows, sent_at, _name = _batch(_body(request))
    except BadBatch as bad:
        return bad.answer()
    kinds = services.allowed_kinds(device.person_id, through_device=True) & frozenset(device.scopes)
    report = services.ingest(
        person_id=device.person_id, rows=rows, source=f"device:{device.pk.hex[:12]}", kinds=kinds, sent_at=sent_at
    )
    # A device is told what became of its rows, not how the person is.
    return JsonResponse({key: value for key, value in answer(report).items() if key != "state"})


@require_GET
@login_required
def state(request: HttpRequest) -> HttpResponse:
    """The state now."""
    return JsonResponse(selectors.current_state(client_of(request).pk).as_json())


@require_http_methods(["POST"])
@login_required
def report(request: HttpRequest) -> HttpResponse:
    """A self-report of the player, JSON or form; answers with the state."""
    person = client_of(request)
    try:
        data: Mapping[str, Any] = request.POST or _body(request)
        values = {axis: _number(data.get(axis)) for axis in ("a", "e", "r")}
        return JsonResponse(services.report_self(person_id=person.pk, **values).as_json())
    except BadBatch as bad:
        return bad.answer()
    except ApplicationError as error:
        return JsonResponse({"code": error.code, "text": str(error.text)}, status=403)


@cache
def _description() -> bytes:
    return _DESCRIPTION.read_bytes()


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the interface for devices (OpenAPI 3.1). Holds nothing of anybody."""
    return HttpResponse(_description(), content_type="application/json")


def answer(report: Report) -> dict[str, Any]:
    """What became of a batch, as JSON."""
    return {
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "refused": [{"row": one.row, "code": one.code, "text": refusal(one.code)} for one in report.refused],
        "flagged": [{"row": one.row, "codes": list(one.flags)} for one in report.flagged],
        "gaps": report.gaps,
        "skew_seconds": round(report.skew.total_seconds(), 3),
        "state": report.state.as_json(),
    }


def refusal(code: str) -> str:
    """Why a row was refused, in words."""
    return {
        "not_allowed": _("This kind is switched off, or this device may not send it."),
        "unknown_kind": _("This kind is not known here."),
        "value": _("The value cannot be read."),
        "impossible": _("No body and no device has such a value."),
        "time": _("The time must be ISO 8601 with its offset."),
        "future": _("The time lies in the future."),
        "old": _("The time lies too far back."),
    }.get(code, code)


def _body(request: HttpRequest) -> Mapping[str, Any]:
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = 0
    if length > MOST_BYTES or len(request.body) > MOST_BYTES:
        raise BadBatch(413, "too_large", "A batch holds 256 KiB at most.")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadBatch(400, "json", "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadBatch(400, "shape", "The body must be an object.")
    return body


def _batch(body: Mapping[str, Any]) -> tuple[list[Any], datetime | None, str]:
    rows, device = body.get("observations"), body.get("device", "")
    if not isinstance(rows, list) or not isinstance(device, str):
        raise BadBatch(400, "shape", "“observations” must be a list, “device” a text.")
    if len(rows) > MOST_ROWS:
        raise BadBatch(413, "too_many", "A batch holds 1,000 rows at most.")
    try:
        sent_at = time_of(body["sent_at"]) if body.get("sent_at") is not None else None
    except RowProblem as problem:
        raise BadBatch(400, "sent_at", "“sent_at” must be ISO 8601 with its offset.") from problem
    return rows, sent_at, "".join(letter for letter in device if letter.isalnum())[:20]


def _number(value: object) -> float | None:
    if value in (None, ""):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise BadBatch(400, "value", "a, e and r are numbers from -1 to 1.") from error
    if not -1.0 <= number <= 1.0:
        raise BadBatch(400, "value", "a, e and r are numbers from -1 to 1.")
    return number
