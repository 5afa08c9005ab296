"""Pages of care: the safety plan, a request for a call, check-ins. They work without scripts."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.selectors import open_profile
from therapy.care import selectors, services
from therapy.care.forms import PARTS, CallbackForm, CheckInForm, PlanForm
from therapy.core.errors import ApplicationError
from therapy.oncall.selectors import availability
from therapy.safety import help_page, hotlines


def _client(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.is_client:
        raise Http404
    return user


def _language() -> str:
    return "zh" if (get_language() or "en").startswith("zh") else "en"


def _lines(request: HttpRequest, person: User) -> dict[str, object]:
    """Emergency numbers and lines to talk to, for the country of the person or of the browser."""
    language = _language()
    chosen = open_profile(person.pk).country
    country = hotlines.country_for(chosen, request.headers.get("Accept-Language", ""), language)
    return {
        "emergency": help_page.emergency_lines(country, language),
        "guidance": hotlines.emergency_guidance(language),
        "groups": help_page.groups(country, language),
    }


@require_GET
@login_required
def plan_page(request: HttpRequest) -> HttpResponse:
    """The person's own safety plan: to read, to call from, to print."""
    person = _client(request)
    view = selectors.open_plan(person.pk)
    parts = [(part, getattr(view.words, part.name)) for part in PARTS if part.name != "trusted"]
    message = _("I am not okay. Can you call me or come over, please?")
    trusted = [(contact, contact.message_link(message)) for contact in view.words.trusted]
    context = {"plan": view, "parts": parts, "trusted": trusted, **_lines(request, person)}
    return render(request, "care/plan.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def edit_plan(request: HttpRequest) -> HttpResponse:
    """Write the plan."""
    person = _client(request)
    if request.method == "POST":
        form = PlanForm(request.POST)
        if form.is_valid():
            services.write_plan(person_id=person.pk, words=form.words())
            messages.success(request, _("Your plan is saved."))
            return redirect("care:plan")
    else:
        form = PlanForm(words=selectors.open_plan(person.pk).words)
    return render(request, "care/edit_plan.html", {"form": form})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that keeps the plan on this device, if the person switched that on. Holds no data."""
    parts = ("safety/help.css", "care/care.css", "care/plan.js")
    context = {"cache": "attune-plan", "page": "/care/plan/", "parts": parts}
    return render(request, "safety/offline.js", context, content_type="text/javascript")


@require_http_methods(["GET", "POST"])
@login_required
def callback(request: HttpRequest) -> HttpResponse:
    """Ask our own counsellors for a call; says first and honestly whether anybody is there."""
    person = _client(request)
    form = CallbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.request_callback(person_id=person.pk, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error("number", str(error.text))
        else:
            messages.success(request, _("Your wish for a call is with the counselling team."))
            return redirect("care:callback")
    present = availability(language=_language())
    context = {
        "form": form,
        "request_view": selectors.callback_of(person.pk),
        "availability": present,
        "wait_minutes": round(present.expected_wait.total_seconds() / 60) if present.expected_wait else 0,
        **_lines(request, person),
    }
    return render(request, "care/callback.html", context)


@require_POST
@login_required
def withdraw_callback(request: HttpRequest) -> HttpResponse:
    """Take the wish for a call back."""
    services.withdraw_callback(person_id=_client(request).pk)
    messages.success(request, _("Nobody will call you."))
    return redirect("care:callback")


@require_http_methods(["GET", "POST"])
@login_required
def check_in(request: HttpRequest) -> HttpResponse:
    """The question the day after, and whether it is wanted."""
    person = _client(request)
    form = CheckInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            session_id = services.answer_check_in(person_id=person.pk, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error(None, str(error.text))
        else:
            return redirect("chat:session", session_id=session_id)
    context = {
        "form": form,
        "asked": selectors.asked_check_in(person.pk),
        "waiting": selectors.waiting_check_in(person.pk),
        "wish": selectors.wish_of(person.pk),
        "has_mail": bool(person.email),
        **_lines(request, person),
    }
    return render(request, "care/check_in.html", context)


@require_POST
@login_required
def wish(request: HttpRequest) -> HttpResponse:
    """Whether to be asked the next day, and whether by mail as well."""
    is_wanted = request.POST.get("wanted") == "yes"
    services.wish_check_ins(
        person_id=_client(request).pk, is_wanted=is_wanted, by_mail=request.POST.get("by_mail") == "yes"
    )
    messages.success(request, _("We will ask you.") if is_wanted else _("We won't ask you."))
    return redirect("care:check_in")
