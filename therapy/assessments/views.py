"""Pages on which a questionnaire is filled in and sent. They work without scripts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from therapy.assessments import instruments, reminders, rules, scoring, selectors, services
from therapy.assessments.forms import EverythingForm, QuestionForm
from therapy.assessments.instruments import Instrument
from therapy.assessments.models import Assessment
from therapy.assessments.pages import client_of, help_lines, language, next_open
from therapy.core.errors import ApplicationError


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What is offered, what was begun, and how it went last time."""
    person = client_of(request)
    latest = selectors.latest(person.pk)
    rows = [
        {
            "instrument": instrument,
            "words": instrument.text(language()),
            "begun": selectors.begun(person.pk, instrument.id),
            "latest": latest.get(instrument.id),
        }
        for instrument in instruments.offered()
    ]
    context = {
        "rows": rows,
        "may": selectors.may_fill_in(person.pk),
        "question": selectors.open_question(person.pk),
        "has_results": bool(latest),
    }
    return render(request, "assessments/home.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def about(request: HttpRequest, name: str) -> HttpResponse:
    """What the questionnaire is, who sees what; POST begins or goes on."""
    person = client_of(request)
    instrument = instruments.find(name)
    if instrument is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("step") == "later":
            reminders.later(person_id=person.pk, instrument=name)
            messages.success(request, _("We will ask again in a week."))
            return redirect("assessments:home")
        try:
            row = services.begin(person_id=person.pk, instrument=name, language=language())
        except ApplicationError as error:
            messages.error(request, str(error.text))
            return redirect("assessments:home")
        if request.POST.get("step") == "all":
            return redirect("assessments:everything", row.pk)
        return redirect("assessments:question", row.pk, next_open(instrument, selectors.open_answers(row)))
    context = {
        "instrument": instrument,
        "words": instrument.text(language()),
        "begun": selectors.begun(person.pk, name),
        "may": selectors.may_fill_in(person.pk),
        "is_due": any(row.instrument == name for row in reminders.due(person.pk)),
        "asks_directly": any(rule.instrument == name and rule.action == "ask" for rule in rules.all_rules()),
    }
    return render(request, "assessments/about.html", context)


def _opened(request: HttpRequest, assessment_id: UUID) -> tuple[Assessment, Instrument] | HttpResponse:
    """The open questionnaire of the person, or the page to go to instead."""
    person = client_of(request)
    row = selectors.of_person(person.pk, assessment_id)
    if row is None:
        messages.info(request, _("This questionnaire is no longer here."))
        return redirect("assessments:home")
    if row.state == Assessment.State.DONE:
        return _after(row)
    instrument = instruments.known(row.instrument)
    if instrument is None or selectors.is_stale(row):
        messages.info(request, _("What you began lies too long ago to go on with. Please begin anew."))
        return redirect("assessments:about", row.instrument)
    return row, instrument


def _after(row: Assessment) -> HttpResponse:
    """Where one leads: to the direct questions while they are open, else to the result."""
    if row.follow_up == Assessment.FollowUp.ASKED:
        return redirect("assessments:follow_up", row.pk)
    return redirect("assessments:result", row.pk)


def _frame(request: HttpRequest, row: Assessment, instrument: Instrument, answers: dict[int, int]) -> dict[str, object]:
    """What all pages of an open one show; help as soon as an answer calls for it, before anything is sent."""
    rule = rules.met(row.instrument, answers)
    lines = help_lines(request, client_of(request)) if rule is not None and rule.action == "ask" else {}
    return {
        "row": row,
        "instrument": instrument,
        "words": instrument.text(language()),
        "shows_help": bool(lines),
        **lines,
    }


@require_http_methods(["GET", "POST"])
@login_required
def question(request: HttpRequest, assessment_id: UUID, number: int) -> HttpResponse:
    """One question. Going back keeps what was chosen."""
    opened = _opened(request, assessment_id)
    if isinstance(opened, HttpResponse):
        return opened
    row, instrument = opened
    if not 1 <= number <= instrument.screens:
        raise Http404
    answers = selectors.open_answers(row)
    form = QuestionForm(
        request.POST or None, instrument=instrument, item=number, language=language(), given=answers.get(number)
    )
    if request.method == "POST":
        goes_back = request.POST.get("step") == "back"
        is_fit = form.is_valid()
        value = form.cleaned_data.get("answer") if is_fit else None
        if value is not None:
            try:
                kept = services.answer(person_id=row.person_id, assessment_id=row.pk, values={number: value})
            except ApplicationError as error:
                messages.info(request, str(error.text))
                return redirect("assessments:home")
            if kept.follow_up != row.follow_up:
                return _after(kept)
        if goes_back:
            return _question_or_about(row, number - 1)
        if is_fit:
            return _question_or_check(row, instrument, number + 1)
    context = {**_frame(request, row, instrument, answers), "form": form, "number": number, "before": number - 1}
    return render(request, "assessments/question.html", context)


def _question_or_about(row: Assessment, number: int) -> HttpResponse:
    if number < 1:
        return redirect("assessments:about", row.instrument)
    return redirect("assessments:question", row.pk, number)


def _question_or_check(row: Assessment, instrument: Instrument, number: int) -> HttpResponse:
    if number > instrument.screens:
        return redirect("assessments:check", row.pk)
    return redirect("assessments:question", row.pk, number)


@require_http_methods(["GET", "POST"])
@login_required
def everything(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """All questions on one page: send, or keep for later."""
    opened = _opened(request, assessment_id)
    if isinstance(opened, HttpResponse):
        return opened
    row, instrument = opened
    answers = selectors.open_answers(row)
    is_whole = request.POST.get("step") != "keep"
    form = EverythingForm(
        request.POST or None, instrument=instrument, language=language(), given=answers, is_whole=is_whole
    )
    if request.method == "POST":
        is_fit, followed_up = form.is_valid(), row.follow_up
        # What was answered is kept even where something is still missing: nobody fills it in twice.
        try:
            row = services.answer(person_id=row.person_id, assessment_id=row.pk, values=form.values())
        except ApplicationError as error:
            messages.info(request, str(error.text))
            return redirect("assessments:home")
        if is_fit and is_whole:
            return _send(request, row)
        if row.follow_up != followed_up:
            return _after(row)
        if is_fit:
            messages.success(request, _("Your answers are kept."))
            return redirect("assessments:home")
        answers = selectors.open_answers(row)
    return render(request, "assessments/everything.html", {**_frame(request, row, instrument, answers), "form": form})


@require_http_methods(["GET", "POST"])
@login_required
def check(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """All answers once more before they are sent."""
    opened = _opened(request, assessment_id)
    if isinstance(opened, HttpResponse):
        return opened
    row, instrument = opened
    if request.method == "POST":
        return _send(request, row)
    answers = selectors.open_answers(row)
    words = instrument.text(language())
    rows = [
        (item, words.items[item - 1], _said(words.options, instrument.values, answers.get(item)))
        for item in range(1, instrument.count + 1)
    ]
    context = {
        **_frame(request, row, instrument, answers),
        "rows": rows,
        "missing": scoring.missing(instrument, answers),
    }
    return render(request, "assessments/check.html", context)


def _said(options: tuple[str, ...], values: tuple[int, ...], value: int | None) -> str:
    return options[values.index(value)] if value in values else ""


def _send(request: HttpRequest, row: Assessment) -> HttpResponse:
    try:
        return _after(services.submit(person_id=row.person_id, assessment_id=row.pk))
    except ApplicationError as error:
        messages.info(request, str(error.text))
        return redirect("assessments:check" if error.code == "incomplete" else "assessments:home", *_ids(error, row))


def _ids(error: ApplicationError, row: Assessment) -> list[UUID]:
    return [row.pk] if error.code == "incomplete" else []
