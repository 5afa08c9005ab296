"""Pages of a plan's versions: one as it was, what the next one would change and why, and saying no to it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from therapy.core.errors import ApplicationError
from therapy.plans import comparing, own_words, selectors, services
from therapy.plans.views import client_id, help_page


@require_GET
@login_required
def version(request: HttpRequest, version: int) -> HttpResponse:
    """One version as it was, to read."""
    return _page(request, version, "plans/version.html")


@require_GET
@login_required
def changes(request: HttpRequest, version: int) -> HttpResponse:
    """What a version changes, each with its reason."""
    return _page(request, version, "plans/changes.html")


def _page(request: HttpRequest, version: int, template: str) -> HttpResponse:
    person_id = client_id(request)
    plan = selectors.plan_version(person_id, version)
    if plan is None:
        raise Http404
    context = {
        "plan": plan,
        "comparison": comparing.comparison_of(person_id, version),
        "is_proposal": selectors.proposed_version(person_id) == version,
        "versions": selectors.versions_of(person_id),
        "reason_characters": services.REASON_CHARACTERS,
    }
    return render(request, template, context)


@require_POST
@login_required
def decline(request: HttpRequest, version: int) -> HttpResponse:
    """No to a proposed version; the plan that counts goes on."""
    person_id, said = client_id(request), _("Your plan stays as it is. Thank you for saying so.")
    try:
        heard = own_words.decline(person_id=person_id, version=version, words=request.POST.get("words", ""))
    except ApplicationError as error:
        messages.error(request, str(error.text))
    else:
        if heard:
            return help_page(request, person_id, heard, said)
        messages.success(request, said)
    return redirect("plans:home")
