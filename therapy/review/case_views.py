"""Pages of a case: its time line, its conversations, who accompanies it; emergency openings; the team and its tasks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from accounts.selectors import staff_on_alert, valid_credential
from therapy.chat.models import ChatSession
from therapy.review import cases, claims, pages, reading, selectors, timeline
from therapy.review.desk import is_supervisor, page, posted_id, user_of
from therapy.review.forms import AssignForm, CapacityForm, EmergencyForm, FollowUpForm, NoteForm, ReasonForm, TagsForm
from therapy.review.models import Assignment, BreakGlass, CaseTag
from therapy.safety import selectors as safety
from therapy.safety.models import Level


def routes() -> list[URLPattern]:
    """Addresses below the queue's own."""
    return [
        path("tasks/", tasks, name="desk_tasks"),
        path("team/", team, name="desk_team"),
        path("emergencies/", emergencies, name="desk_emergencies"),
        path("case/<uuid:person_id>/", case, name="desk_case"),
        path("session/<uuid:session_id>/open/", session_front, name="desk_session_open"),
        path("session/<uuid:session_id>/read/<uuid:access_id>/", session_read, name="desk_session_read"),
        path("session/<uuid:session_id>/keep/", keep, name="desk_keep"),
        path("session/<uuid:session_id>/release/", release, name="desk_release"),
    ]


def _staff() -> list[User]:
    return sorted(staff_on_alert(), key=lambda user: user.username)


def case(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """A person's case without a word of theirs; POST arranges something. Only for those who have to do with them."""
    user = user_of(request)
    if not User.objects.filter(pk=person_id, role=Role.CLIENT).exists() or not cases.knows(user, person_id):
        raise Http404
    if request.method == "POST" and _arrange(request, user, person_id):
        return HttpResponseRedirect(reverse("admin:desk_case", args=[person_id]))
    running = Assignment.objects.filter(person_id=person_id, ended_at=None).select_related("counsellor").first()
    tags = list(CaseTag.objects.filter(person_id=person_id).values_list("tag", flat=True))
    context: dict[str, Any] = {
        "title": _("Case"),
        "person_id": person_id,
        "person_ref": str(person_id)[:8],
        "person_level": Level(safety.effective_level(person_id)),
        "assignment": running,
        "may_move": running is None or running.counsellor_id == user.pk or is_supervisor(user),
        "sessions": timeline.sessions(person_id, user),
        "events": timeline.events(person_id),
        "tasks": cases.open_tasks().filter(person_id=person_id),
        "today": timezone.now().date(),
        "notes": selectors.notes_about(person_id),
        "assign_form": AssignForm(people=_staff(), initial={"counsellor": str(user.pk)}),
        "task_form": FollowUpForm(people=_staff(), initial={"assignee": str(user.pk)}),
        "note_form": NoteForm(),
        "tags_form": TagsForm(initial={"tags": tags}),
    }
    return page(request, "review/case.html", context)


def _arrange(request: HttpRequest, user: User, person_id: UUID) -> bool:
    """One of the small forms of a case; false where it was not filled in."""
    step = request.POST.get("step", "")
    if step == "assign":
        assign = AssignForm(request.POST, people=_staff())
        if assign.is_valid():
            cases.assign(user=user, person_id=person_id, counsellor_id=UUID(assign.cleaned_data["counsellor"]))
        return assign.is_valid()
    if step == "end":
        return cases.end_case(user=user, person_id=person_id)
    if step == "task":
        task = FollowUpForm(request.POST, people=_staff())
        if task.is_valid():
            found = task.cleaned_data
            cases.add_follow_up(
                user=user,
                person_id=person_id,
                what=found["what"],
                due_on=found["due_on"],
                assignee_id=UUID(found["assignee"]),
            )
        return task.is_valid()
    if step == "note":
        note = NoteForm(request.POST)
        if note.is_valid():
            cases.write_note(user=user, person_id=person_id, text=note.cleaned_data["text"])
        return note.is_valid()
    if step == "tags":
        cases.set_tags(user=user, person_id=person_id, tags=request.POST.getlist("tags"))
        return True
    return False


def session_front(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Ask for the reason before a conversation opens; for the emergency where a reason is not enough."""
    user = user_of(request)
    session = get_object_or_404(ChatSession, pk=session_id)
    may = reading.may_read(user, session)
    form = (ReasonForm if may else EmergencyForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if may:
            access = reading.open_session(user=user, session_id=session_id, reason=reason)
        else:
            access = reading.break_glass(user=user, session_id=session_id, reason=reason).access
        return HttpResponseRedirect(reverse("admin:desk_session_read", args=[session_id, access.pk]))
    context = {"title": _("Open a conversation"), "session": session, "form": form, "is_emergency": not may}
    return page(request, "review/session_front.html", context)


@require_safe
def session_read(request: HttpRequest, session_id: UUID, access_id: UUID) -> HttpResponse:
    """An opened conversation, within a reading of one's own."""
    user = user_of(request)
    session = get_object_or_404(ChatSession, pk=session_id)
    access = selectors.reading(access_id=access_id, user=user, session_id=session_id)
    if access is None:
        messages.warning(request, _("This reading has ended. Please give a reason again."))
        return HttpResponseRedirect(reverse("admin:desk_session_open", args=[session_id]))
    context = pages.conversation(session, access, user, level=selectors.highest_level(session))
    return page(request, "review/session.html", context)


@require_POST
def keep(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The page of the conversation is open and somebody works on it."""
    return JsonResponse({"held": claims.keep(user=user_of(request), session_id=session_id)})


@require_POST
def release(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Let the conversation go for others."""
    if claims.release(user=user_of(request), session_id=session_id):
        messages.info(request, _("The conversation is free for colleagues again."))
    return HttpResponseRedirect(reverse("admin:safety_riskflag_changelist"))


def tasks(request: HttpRequest) -> HttpResponse:
    """One's open tasks; POST marks one as done."""
    user = user_of(request)
    if request.method == "POST":
        cases.finish_follow_up(user=user, task_id=posted_id(request, "task"))
        return HttpResponseRedirect(reverse("admin:desk_tasks"))
    rows = cases.open_tasks()
    context = {
        "title": _("Tasks"),
        "mine": rows.filter(assignee=user),
        "others": rows.exclude(assignee=user) if is_supervisor(user) else rows.none(),
        "cases": Assignment.objects.filter(counsellor=user, ended_at=None).order_by("begun_at"),
        "today": timezone.now().date(),
    }
    return page(request, "review/tasks.html", context)


def team(request: HttpRequest) -> HttpResponse:
    """Who works here: at the desk, cases, certificate. Supervisors set how many cases somebody takes (POST)."""
    user = user_of(request)
    form = CapacityForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        whom = posted_id(request, "user")
        cases.set_capacity(user=user, counsellor_id=whom, most=form.cleaned_data["most"])
        return HttpResponseRedirect(reverse("admin:desk_team"))
    now, present = timezone.now(), {row.pk for row in claims.at_the_desk()}
    rows = [
        {
            "user": row,
            "is_here": row.pk in present,
            "cases": cases.load_of(row),
            "capacity": cases.capacity_of(row),
            "credential": valid_credential(row, now),
        }
        for row in _staff()
    ]
    return page(request, "review/team.html", {"title": _("Team"), "rows": rows, "is_supervisor": is_supervisor(user)})


def emergencies(request: HttpRequest) -> HttpResponse:
    """Emergency openings; supervisors mark those of others as looked at (POST)."""
    user = user_of(request)
    if not is_supervisor(user):
        raise Http404
    if request.method == "POST":
        reading.see_emergency(user=user, glass_id=posted_id(request, "glass"))
        return HttpResponseRedirect(reverse("admin:desk_emergencies"))
    rows = BreakGlass.objects.select_related("user", "access", "seen_by").order_by("seen_at", "-at")[:100]
    shown = [(row, selectors.reason_of(row.access)) for row in rows]
    return page(request, "review/emergencies.html", {"title": _("Emergency openings"), "rows": shown})
