"""Pages of signals: switches, how I am, devices, files, recent values, the example. They work without scripts."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from ml.state.filter import AXES
from therapy.core.errors import ApplicationError
from therapy.signals import example as worked
from therapy.signals import importing, selectors, services, tokens
from therapy.signals.api import client_of, refusal
from therapy.signals.forms import DeviceForm, FileForm, IdealForm, SayForm
from therapy.signals.pictures import picture
from therapy.signals.switches import SWITCHES, TEXTS, allowed

_TOKEN = "signals_new_token"  # noqa: S105 - a key of the session, not a secret


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Everything about signals on one page."""
    person = client_of(request)
    on = allowed(person.pk)
    kept = selectors.kept_of(person.pk)
    state = selectors.current_state(person.pk)
    ideal = {name: round(100 * kept.ideal[name]) for name in AXES}
    weighs = [name for name, share in kept.weighs.items() if share > 0.5]
    context = {
        "switches": [(text, text.kind in on) for text in TEXTS],
        "on": on,
        "state": state,
        "picture": picture(state),
        "say": SayForm(auto_id="say_%s"),
        "ideal": IdealForm(initial={**ideal, "weighs": weighs}, auto_id="ideal_%s"),
        "devices": selectors.devices_of(person.pk),
        "device_form": DeviceForm(auto_id="device_%s"),
        "file_form": FileForm(auto_id="file_%s"),
        "new_token": request.session.pop(_TOKEN, ""),
        "recent": selectors.recent_values(person.pk),
        "faster_heart": selectors.faster_heart(person.pk) is not None,
        "has_example": settings.DEBUG,
    }
    return render(request, "signals/home.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def switches(request: HttpRequest) -> HttpResponse:
    """One switch at a time, or which are on as JSON."""
    person = client_of(request)
    if request.method == "POST":
        try:
            services.switch(
                person_id=person.pk,
                kind=request.POST.get("kind", ""),
                granted=request.POST.get("granted") == "yes",
            )
        except ApplicationError as error:
            return JsonResponse({"code": error.code, "text": str(error.text)}, status=400)
        if not request.accepts("text/html"):
            on = allowed(person.pk)
            return JsonResponse({kind: kind in on for kind in SWITCHES})
        return redirect("signals:home")
    on = allowed(person.pk)
    return JsonResponse({kind: kind in on for kind in SWITCHES})


@require_POST
@login_required
def say(request: HttpRequest) -> HttpResponse:
    """How I am."""
    person = client_of(request)
    form = SayForm(request.POST)
    if form.is_valid():
        try:
            services.report_self(person_id=person.pk, **form.cleaned_data)
            messages.success(request, _("Thank you. It is written down."))
        except ApplicationError as error:
            messages.error(request, str(error.text))
    return redirect("signals:home")


@require_POST
@login_required
def ideal(request: HttpRequest) -> HttpResponse:
    """Where I would like to be."""
    person = client_of(request)
    form = IdealForm(request.POST)
    if form.is_valid():
        where = {name: form.cleaned_data[name] for name in AXES}
        services.set_ideal(person_id=person.pk, weighs=form.loads(), **where)
        messages.success(request, _("Saved."))
    return redirect("signals:home")


@require_POST
@login_required
def make_device(request: HttpRequest) -> HttpResponse:
    """A new token, shown once."""
    person = client_of(request)
    form = DeviceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the device a name and choose what it may send."))
        return redirect("signals:home")
    try:
        request.session[_TOKEN] = tokens.make(person_id=person.pk, **form.cleaned_data)
    except ApplicationError as error:
        messages.error(request, str(error.text))
    return redirect("signals:home")


@require_POST
@login_required
def revoke_device(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Take a device's token away."""
    if not tokens.revoke(person_id=client_of(request).pk, device_id=device_id):
        raise Http404
    messages.success(request, _("This device can send nothing more."))
    return redirect("signals:home")


@require_POST
@login_required
def bring_in(request: HttpRequest) -> HttpResponse:
    """A file; answers with a report by row."""
    person = client_of(request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "signals/imported.html", {"errors": form.errors.get("file", [])}, status=400)
    try:
        done = importing.bring_in(person_id=person.pk, content=form.cleaned_data["file"].read())
    except ApplicationError as error:
        return render(request, "signals/imported.html", {"errors": [str(error.text)]}, status=400)
    refused = [(one.row, refusal(one.code)) for one in done.refused[:200]]
    return render(request, "signals/imported.html", {"done": done, "refused": refused})


@require_POST
@login_required
def forget(request: HttpRequest) -> HttpResponse:
    """Delete what was measured: of one switch or everything."""
    person = client_of(request)
    kind = request.POST.get("kind") or None
    if kind is not None and kind not in SWITCHES:
        raise Http404
    services.forget(person_id=person.pk, switch_kind=kind)
    messages.success(request, _("It is deleted."))
    return redirect("signals:home")


@require_GET
@login_required
def example(request: HttpRequest) -> HttpResponse:
    """The worked example with simulated data: for staff, and on a development machine for everybody."""
    user = request.user
    if not isinstance(user, User) or not (user.is_staff or settings.DEBUG):
        raise Http404
    moments = [(title, state, picture(state)) for title, state in worked.moments()]
    return render(request, "signals/example.html", {"moments": moments})
