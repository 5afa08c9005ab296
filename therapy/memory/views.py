"""The page "What is remembered": everything kept, to change, delete or switch off. Works without scripts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from therapy.core.errors import ApplicationError
from therapy.memory import selectors, services
from therapy.memory.forms import MemoryForm
from therapy.memory.models import Memory
from therapy.safety import elsewhere


def _client(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.is_client:
        raise Http404
    return user


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everything remembered, by kind."""
    return _show(request, MemoryForm())


def _show(request: HttpRequest, form: MemoryForm, **more: object) -> HttpResponse:
    person = _client(request)
    views = selectors.memories_of(person.pk)
    groups = [(kind.label, [view for view in views if view.kind == kind]) for kind in Memory.Kind]
    context = {
        "is_on": selectors.may_remember(person.pk),
        "groups": [(label, rows) for label, rows in groups if rows],
        "count": len(views),
        "form": form,
        **more,
    }
    return render(request, "memory/home.html", context)


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Something the person writes down themselves."""
    person, form = _client(request), MemoryForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    if help_page := _needs_help(request, person, form):
        return help_page
    try:
        services.add(person_id=person.pk, **form.cleaned_data)
    except ApplicationError as error:
        form.add_error(None, str(error.text))
        return _show(request, form)
    messages.success(request, _("Remembered."))
    return redirect("memory:home")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, memory_id: UUID) -> HttpResponse:
    """Change the words of one thing."""
    person = _client(request)
    view = selectors.memory_of(person.pk, memory_id)
    if view is None:
        raise Http404
    form = MemoryForm(request.POST if request.method == "POST" else None, initial={"text": view.text}, is_new=False)
    if form.is_valid():
        if help_page := _needs_help(request, person, form):
            return help_page
        try:
            services.edit(person_id=person.pk, memory_id=memory_id, text=form.cleaned_data["text"])
        except ApplicationError as error:
            form.add_error("text", str(error.text))
        else:
            messages.success(request, _("Changed."))
            return redirect("memory:home")
    return render(request, "memory/edit.html", {"form": form, "view": view})


@login_required
@require_POST
def delete(request: HttpRequest, memory_id: UUID) -> HttpResponse:
    """Delete one thing; one that is gone already is as good."""
    has_summary_gone = False
    try:
        has_summary_gone = services.delete(person_id=_client(request).pk, memory_id=memory_id)
    except ApplicationError as error:
        if error.code != "not_found":
            raise
    messages.success(request, _("Deleted. Replies no longer know of it."))
    if has_summary_gone:
        messages.info(request, _("The summary of that conversation went with it, since it may have told the same."))
    return redirect("memory:home")


@login_required
@require_POST
def delete_all(request: HttpRequest) -> HttpResponse:
    """Delete everything; asks once more where it was not confirmed."""
    person = _client(request)
    if "sure" not in request.POST:
        return render(request, "memory/delete_all.html", {"count": len(selectors.memories_of(person.pk))})
    gone = services.delete_all(person_id=person.pk)
    text = ngettext("Deleted: {count} thing.", "Deleted: {count} things.", gone).format(count=gone)
    messages.success(request, text)
    return redirect("memory:home")


@login_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Switch remembering on or off; off can delete what is there as well."""
    person, is_on = _client(request), request.POST.get("on") == "yes"
    services.switch(person_id=person.pk, is_on=is_on)
    if not is_on and "forget" in request.POST:
        services.delete_all(person_id=person.pk)
    if is_on:
        messages.success(request, _("Switched on. From now on a few things are remembered; you see them here."))
    else:
        messages.success(request, _("Switched off. Nothing here reaches a reply any more."))
    return redirect("memory:home")


def _needs_help(request: HttpRequest, person: User, form: MemoryForm) -> HttpResponse | None:
    """Words of danger are not remembered: they go into the conversation, and help is shown at once."""
    text = form.cleaned_data["text"]
    assessment = elsewhere.look_at(text, fallback="zh" if (get_language() or "").startswith("zh") else "en")
    if assessment is None:
        return None
    brought = elsewhere.bring(person_id=person.pk, source="memory", text=text, assessment=assessment)
    card = elsewhere.card_for(person.pk, assessment, brought, request.headers.get("Accept-Language", ""))
    return _show(request, MemoryForm(), card=card, brought=brought)
