"""The page of supervision: one's own notes; a supervisor also opens those of a colleague."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import staff_on_alert
from therapy.review import supervision
from therapy.review.desk import is_supervisor, page, user_of
from therapy.review.forms import SupervisionForm


def routes() -> list[URLPattern]:
    """Addresses below the queue's own."""
    return [
        path("supervision/", notes, name="desk_supervision"),
        path("supervision/<uuid:about_id>/", notes, name="desk_supervision_of"),
    ]


def notes(request: HttpRequest, about_id: UUID | None = None) -> HttpResponse:
    """Notes about one colleague's work; POST keeps a new one."""
    user = user_of(request)
    whom = _colleague(user, about_id)
    form = SupervisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        supervision.write(user=user, about_id=whom.pk, **form.cleaned_data)
        messages.success(request, _("Kept. Only {name} and supervisors read it.").format(name=whom.username))
        return HttpResponseRedirect(request.path)
    colleagues = sorted(staff_on_alert(), key=lambda one: one.username) if is_supervisor(user) else []
    context = {
        "title": _("Supervision"),
        "whom": whom,
        "is_own": whom.pk == user.pk,
        "notes": supervision.notes_for(user, whom.pk),
        "colleagues": [one for one in colleagues if one.pk != user.pk],
        "form": form,
        "own_address": reverse("admin:desk_supervision"),
    }
    response = page(request, "review/supervision.html", context)
    if whom.pk == user.pk:
        # After the page is made, so that what is new stands out once.
        supervision.mark_read(user=user)
    return response


def _colleague(user: User, about_id: UUID | None) -> User:
    """Whom the page is about; to a counsellor nobody but themselves exists here."""
    if about_id is None or about_id == user.pk:
        return user
    colleague = User.objects.filter(pk=about_id).first()
    if not is_supervisor(user) or colleague is None or not colleague.is_counselling_staff:
        raise Http404
    return colleague
