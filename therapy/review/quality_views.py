"""Pages about the quality of the desk's work: second looks, the blind sample, the weekly report."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Access
from accounts.services import log_access
from therapy.progress import programme
from therapy.review import charts, pages, report, samples, second_looks, selectors, transcript
from therapy.review.desk import is_supervisor, page, user_of
from therapy.review.forms import LevelForm, OpinionForm
from therapy.review.models import SecondLook

# What the person reads under Privacy about such a reading.
LOOK_REASON = "Second look at a decision about a high risk."
_DRAWN_AT_ONCE = 5


def routes() -> list[URLPattern]:
    """Addresses below the queue's own."""
    return [
        path("second-looks/", second_look_list, name="desk_second_looks"),
        path("second-looks/<uuid:review_id>/", second_look, name="desk_second_look"),
        path("sample/", sample, name="desk_sample"),
        path("sample/draw/", sample_draw, name="desk_sample_draw"),
        path("sample/next/", sample_next, name="desk_sample_next"),
        path("report/", weekly_report, name="desk_report"),
        path("report.csv", weekly_csv, name="desk_report_csv"),
        path("programme/", programme_figures, name="desk_programme"),
    ]


@require_safe
def second_look_list(request: HttpRequest) -> HttpResponse:
    """Decisions that wait for one's eyes."""
    rows = second_looks.waiting(user_of(request))
    done = SecondLook.objects.exclude(state=SecondLook.State.WAITING).select_related("review__flag", "reviewer")
    context = {"title": _("Second looks"), "rows": rows, "done": done.order_by("-looked_at")[:20]}
    return page(request, "review/second_looks.html", context)


def second_look(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The conversation with a form for one's own opinion. The first decision stays hidden until it is given.

    A supervisor who settles a difference sees both.
    """
    user = user_of(request)
    row = get_object_or_404(second_looks.waiting(user), pk=review_id)
    flag = row.review.flag
    is_settling = row.state == SecondLook.State.DIFFERS and is_supervisor(user)
    form = OpinionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        decide = second_looks.settle if is_settling else second_looks.look
        done = decide(user=user, review_id=review_id, **form.cleaned_data)
        messages.success(request, done.get_state_display())
        return HttpResponseRedirect(reverse("admin:desk_second_looks"))
    # Read again after each reload within the half hour under the same line of the person's list.
    access = selectors.latest_reading(user, flag.session_id) or log_access(
        actor=user,
        person_id=flag.person_id,
        what=Access.What.TRANSCRIPT,
        object_id=flag.session_id,
        reason=LOOK_REASON,
    )
    context = pages.flag_page(flag, user) | pages.conversation(flag.session, access, user, level=flag.level)
    shown = {"title": _("Second look"), "form": form, "is_settling": is_settling, "look": row}
    shown["reviews"] = selectors.reviews_of(flag) if is_settling else []
    return page(request, "review/second_look.html", context | shown)


def sample(request: HttpRequest) -> HttpResponse:
    """The sample: what waits, the conversation one holds, and (POST) the level given to it."""
    user = user_of(request)
    held = samples.waiting().filter(reviewer=user).select_related("session").first()
    form = LevelForm(request.POST or None)
    if request.method == "POST" and held is not None and form.is_valid():
        samples.decide(user=user, sample_id=held.pk, level_given=form.cleaned_data["level_given"])
        messages.success(
            request, _("Kept. What the program thought of it stays hidden, so that the next one is blind too.")
        )
        return HttpResponseRedirect(reverse("admin:desk_sample"))
    is_open = held is not None and selectors.latest_reading(user, held.session_id) is not None
    context = {
        "title": _("Random sample"),
        "held": held,
        "form": form,
        "waiting": samples.waiting().filter(reviewer=None).count(),
        "week": report.weeks(1)[0],
        "rows": transcript.blind_rows(held.session, held.last_seq) if held and is_open else [],
    }
    return page(request, "review/sample.html", context)


@require_POST
def sample_draw(request: HttpRequest) -> HttpResponse:
    """Draw some conversations."""
    drawn = samples.draw(user=user_of(request), count=_DRAWN_AT_ONCE)
    text = _("Drawn: {count}").format(count=drawn) if drawn else _("There is nothing new to draw from.")
    messages.info(request, text)
    return HttpResponseRedirect(reverse("admin:desk_sample"))


@require_POST
def sample_next(request: HttpRequest) -> HttpResponse:
    """Take the next one, with the reading written down."""
    if samples.take_next(user=user_of(request)) is None:
        messages.info(request, _("Nothing waits for you."))
    return HttpResponseRedirect(reverse("admin:desk_sample"))


@require_safe
def weekly_report(request: HttpRequest) -> HttpResponse:
    """Eight weeks in charts and a table."""
    rows = report.weeks()
    context = {
        "title": _("Weekly report"),
        "weeks": rows,
        "now": rows[-1],
        "alerts_chart": charts.stacked(rows),
        "waits_chart": charts.waits(rows),
        "shares_chart": charts.shares(rows),
    }
    return page(request, "review/report.html", context)


@require_safe
def weekly_csv(request: HttpRequest) -> HttpResponse:
    """The same as a table to download."""
    response = HttpResponse(report.as_csv(report.weeks(26)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="attune-desk-report.csv"'
    return response


@require_safe
def programme_figures(request: HttpRequest) -> HttpResponse:
    """The whole programme in figures: only people who agreed, only where there are enough of them."""
    user_of(request)
    rows = [(row, row.instrument.text(get_language() or "en")) for row in programme.figures()]
    context = {
        "title": _("Programme in figures"),
        "rows": rows,
        "contentment": programme.contentment(),
        "fewest": programme.FEWEST,
    }
    return page(request, "review/programme.html", context)
