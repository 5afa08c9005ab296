"""Pages after the answers: the direct questions, the result, taking it away. They work without scripts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from therapy.assessments import instruments, rules, scoring, selectors, services
from therapy.assessments.forms import FollowUpForm
from therapy.assessments.models import Assessment
from therapy.assessments.pages import client_of, help_lines, language, next_open, who_is_there
from therapy.core.errors import ApplicationError


@require_http_methods(["GET", "POST"])
@login_required
def follow_up(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """The direct questions, with help in sight, and what happens with the answer."""
    person = client_of(request)
    row = selectors.of_person(person.pk, assessment_id)
    if row is None:
        raise Http404
    if row.follow_up != Assessment.FollowUp.ASKED:
        return _onward(row)
    form = FollowUpForm(request.POST or None, questions=rules.questions(), language=language())
    if request.method == "POST":
        is_later = request.POST.get("step") == "leave"
        if is_later or form.is_valid():
            values = {} if is_later else form.values()
            try:
                services.answer_follow_up(person_id=person.pk, assessment_id=row.pk, values=values)
            except ApplicationError as error:
                form.add_error(None, str(error.text))
            else:
                return _onward(row)
    context = {"form": form, "row": row, **help_lines(request, person), **who_is_there()}
    return render(request, "assessments/follow_up.html", context)


def _onward(row: Assessment) -> HttpResponse:
    """Where the direct questions lead: to the result, or back to the questionnaire that is not sent yet."""
    instrument = instruments.known(row.instrument)
    if row.state == Assessment.State.DONE or instrument is None:
        return redirect("assessments:result", row.pk)
    return redirect("assessments:question", row.pk, next_open(instrument, selectors.open_answers(row)))


@require_GET
@login_required
def result(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """What the answers add up to, in plain words."""
    person = client_of(request)
    shown = selectors.result(person.pk, assessment_id)
    if shown is None:
        messages.info(request, _("This questionnaire is no longer here."))
        return redirect("assessments:home")
    if shown.follow_up == Assessment.FollowUp.ASKED:
        return redirect("assessments:follow_up", shown.id)
    row = selectors.of_person(person.pk, assessment_id)
    was_asked = shown.follow_up != Assessment.FollowUp.NONE
    context = {
        "result": shown,
        "words": shown.instrument.text(language()),
        "band": shown.instrument.bands[shown.score.band],
        "is_beyond": scoring.is_beyond(shown.instrument, shown.score.total),
        "was_asked": was_asked,
        "session_id": row.flag.session_id if row and row.flag else None,
        **(help_lines(request, person) | who_is_there() if was_asked else {}),
    }
    return render(request, "assessments/result.html", context)


@require_POST
@login_required
def remove(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Take a questionnaire away, begun or sent."""
    try:
        services.remove(person_id=client_of(request).pk, assessment_id=assessment_id)
    except ApplicationError as error:
        messages.info(request, str(error.text))
    else:
        messages.success(request, _("It is deleted."))
    return redirect("assessments:home")
