"""The page on which a person says when to be asked again, and how; and the door for their browsers."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from therapy.assessments import instruments, reminders
from therapy.assessments.forms import reminder_form
from therapy.assessments.pages import client_of, language
from therapy.core.errors import ApplicationError
from therapy.oncall.channels import push


@require_http_methods(["GET", "POST"])
@login_required
def wishes(request: HttpRequest) -> HttpResponse:
    """One form for each questionnaire."""
    person = client_of(request)
    has_mail, push_key = bool(person.email), push.public_key()
    rows = reminders.wishes_of(person.pk)
    forms = [
        (
            instrument.text(language()),
            rows.get(instrument.id),
            instrument.id,
            reminder_form(
                rows.get(instrument.id),
                request.POST or None,
                prefix=instrument.id,
                has_mail=has_mail,
                has_push=bool(push_key),
            ),
        )
        for instrument in instruments.offered()
    ]
    if request.method == "POST" and all(form.is_valid() for *_rest, form in forms):
        for _words, row, name, form in forms:
            wish = {"is_on": False, "by_mail": False, "by_push": False} | form.cleaned_data
            if row is not None or wish["is_on"]:
                reminders.choose(person_id=person.pk, instrument=name, **wish)
        messages.success(request, _("Saved."))
        return redirect("assessments:reminders")
    return render(request, "assessments/reminders.html", {"forms": forms, "push_key": push_key, "has_mail": has_mail})


@require_http_methods(["POST", "DELETE"])
@login_required
def browser(request: HttpRequest) -> HttpResponse:
    """A browser signs up for notifications, or off."""
    person = client_of(request)
    try:
        told = json.loads(request.body)
        endpoint = str(told["endpoint"])
        held = told.get("keys") or {}
        if request.method == "DELETE":
            reminders.sign_off_browser(person_id=person.pk, endpoint=endpoint)
        else:
            reminders.sign_up_browser(
                person_id=person.pk,
                endpoint=endpoint,
                p256dh=str(held.get("p256dh", "")),
                auth=str(held.get("auth", "")),
            )
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"error": "bad_request"}, status=400)
    except ApplicationError as error:
        return JsonResponse({"error": error.code, "text": str(error.text)}, status=400)
    return JsonResponse({"ok": True})
