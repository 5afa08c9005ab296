"""Pages about oneself: consent, first steps, details, privacy, export and erasure. Services write."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import rights, selectors, services
from accounts.forms import AboutForm, ConsentForm, ConsentsForm, ContactForm, EraseForm, ProfileForm, ReasonForm
from accounts.languages import supported
from accounts.models import User
from accounts.purposes import PURPOSES
from accounts.reading import Help

STEPS: tuple[type[forms.Form], ...] = (AboutForm, ReasonForm, ContactForm)
WORDS = ("name", "pronouns", "reason", "goals", "emergency_contact")
SETTINGS = ("language", "country", "time_zone")


def _person(request: HttpRequest) -> User:
    """The signed-in account; only used behind `login_required`."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _answers(request: HttpRequest) -> QueryDict | None:
    """What was sent; an empty answer (every switch off) is an answer too."""
    return request.POST if request.method == "POST" else None


def _next_place(request: HttpRequest, fallback: str) -> str:
    """Where the person was going, if it is one of our pages."""
    place = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return place if safe else reverse(fallback)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    """What this is, and a decision per purpose, before first use."""
    person = _person(request)
    view = selectors.open_profile(person.pk)
    given = {purpose: row.granted for purpose, row in selectors.consents_of(person.pk).items()}
    form = ConsentForm(_answers(request), age_stated=view.adult_stated_at is not None, initial=given)
    if form.is_valid():
        services.state_age_and_disclosure(person_id=person.pk)
        services.decide_consents(person_id=person.pk, decisions=form.decisions())
        if person.is_client and view.onboarded_at is None:
            return redirect("accounts:onboarding")
        return HttpResponseRedirect(_next_place(request, "chat:home"))
    return render(
        request,
        "accounts/consent.html",
        {"form": form, "purposes": [form[text.purpose] for text in PURPOSES], "next": request.GET.get("next", "")},
    )


def _step_form(request: HttpRequest, step: int) -> forms.Form:
    """The form of one step, filled with what is known."""
    view = selectors.open_profile(_person(request).pk)
    kind = STEPS[step - 1]
    initial = {name: getattr(view, name) for name in (*WORDS, *SETTINGS)}
    if kind is AboutForm:
        return AboutForm(_answers(request), initial=initial, page_language=supported(get_language()))
    return kind(_answers(request), initial=initial)


def _store(request: HttpRequest, answers: dict[str, str], *, onboarded: bool = False) -> Help | None:
    """Hand the answers of a valid form to the service: words are sealed, settings are plain. Help to show, if any."""
    return services.write_profile(
        person_id=_person(request).pk,
        words={name: answers[name] for name in WORDS if name in answers},
        language=answers.get("language"),
        country=answers.get("country"),
        time_zone=answers.get("time_zone"),
        onboarded=onboarded,
        accept_language=request.headers.get("Accept-Language", ""),
    )


def _help_page(request: HttpRequest, found: Help, place: str, label: str) -> HttpResponse:
    """What was written is kept; help comes before everything else, then the way to `place`."""
    return render(request, "accounts/help.html", {**found, "place": place, "label": label})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def onboarding(request: HttpRequest, step: int = 1) -> HttpResponse:
    """Three short steps, each of which may be skipped."""
    if not 1 <= step <= len(STEPS):
        raise Http404
    last = step == len(STEPS)
    form = _step_form(request, step)
    skipped = "skip" in request.POST
    if skipped or form.is_valid():
        found = _store(request, {} if skipped else form.cleaned_data, onboarded=last)
        place = reverse("chat:home") if last else reverse("accounts:onboarding_step", args=[step + 1])
        return _help_page(request, found, place, _("Next")) if found else HttpResponseRedirect(place)
    context = {"form": form, "step": step, "steps": len(STEPS), "previous": step - 1}
    return render(request, f"accounts/onboarding_{step}.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Everything of the first steps, to look at and change."""
    person = _person(request)
    view = selectors.open_profile(person.pk)
    initial = {name: getattr(view, name) for name in (*WORDS, *SETTINGS)}
    form = ProfileForm(_answers(request), initial=initial, page_language=supported(get_language()))
    if form.is_valid():
        if found := _store(request, form.cleaned_data):
            return _help_page(request, found, reverse("accounts:profile"), _("My details"))
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    """Decisions with their history, who read one's words, how they are kept, and one's rights."""
    person = _person(request)
    given = {purpose: row.granted for purpose, row in selectors.consents_of(person.pk).items()}
    form = ConsentsForm(_answers(request), initial=given)
    if form.is_valid():
        services.decide_consents(person_id=person.pk, decisions=form.decisions())
        messages.success(request, _("Your choices are saved and hold from now on."))
        return redirect("accounts:privacy")
    return render(
        request,
        "accounts/privacy.html",
        {
            "purposes": [form[text.purpose] for text in PURPOSES],
            "history": selectors.consent_history(person.pk),
            "titles": {text.purpose: text.title for text in PURPOSES},
            "accesses": selectors.accesses_to(person.pk),
        },
    )


@login_required
@require_safe
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Everything kept about the person, as JSON or as a page to read; asks for the password first."""
    person = _person(request)
    if form not in ("json", "html"):
        raise Http404
    data = rights.export_person(person.pk)
    if form == "json":
        response: HttpResponse = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    else:
        parts = {title: data.get(name) for name, title in rights.titles().items()}
        response = HttpResponse(
            render_to_string("accounts/export.html", {"parts": parts, "made_at": data["made_at"]}, request)
        )
    response["Content-Disposition"] = f'attachment; filename="attune-export.{form}"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Erase the account and everything in it, after a typed word and the password."""
    person = _person(request)
    if not person.is_client:
        raise Http404
    # A forgotten open page must not be a place to try passwords at: as many tries as the product's own question allows.
    refused: HttpResponse | None = ratelimit.consume_or_429(request, action="reauthenticate", user=person)
    if refused:
        return refused
    form = EraseForm(_answers(request), user=person)
    if not form.is_valid():
        return render(request, "accounts/erase.html", {"form": form})
    receipt = rights.erase_person(person_id=person.pk)
    logout(request)
    request.session["erasure"] = str(receipt.pk)
    return redirect("accounts:erased")


@login_required
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """What a staff member still needs before the desk opens, and until when what they have holds."""
    person = _person(request)
    if not person.is_counselling_staff:
        raise Http404
    now = timezone.now()
    context = {
        "credential": selectors.valid_credential(person, now),
        "latest": person.credentials.order_by("-valid_until").first(),
        "has_passed": selectors.has_passed_scenarios(person),
        "is_certified": selectors.is_certified(person, now),
    }
    return render(request, "accounts/standing.html", context)


@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """The receipt, once."""
    receipt = request.session.pop("erasure", None)
    if receipt is None:
        return redirect("core:home")
    return render(request, "accounts/erased.html", {"receipt": receipt})
