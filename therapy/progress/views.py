"""Pages of progress: what changed, and how it was. They work without scripts."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from therapy.assessments.pages import client_of, language
from therapy.core.errors import ApplicationError
from therapy.plans.selectors import versions_of
from therapy.progress import effect, pictures, services
from therapy.progress.models import Satisfaction


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Where it began, where it is, in words, pictures and numbers."""
    person = client_of(request)
    found = effect.effects(person.pk)
    shown = next((one for one in found if one.instrument.id == request.GET.get("show")), found[0] if found else None)
    context = {
        "effects": [(one, one.instrument.text(language())) for one in found],
        "shown": shown,
        "words": shown.instrument.text(language()) if shown else None,
        "chart": pictures.case(person.pk, shown.instrument, language()) if shown else None,
        "plans": [row for row in versions_of(person.pk) if row.drafted_at],
        "diary": pictures.diary(person.pk),
        "helped": effect.helped(person.pk, language()),
    }
    return render(request, "progress/home.html", context)


class SatisfactionForm(forms.Form):
    """One number and perhaps a few words."""

    score = forms.TypedChoiceField(
        label=gettext_lazy("How content are you with it?"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (5, gettext_lazy("very content")),
            (4, gettext_lazy("rather content")),
            (3, gettext_lazy("so-so")),
            (2, gettext_lazy("rather not")),
            (1, gettext_lazy("not at all")),
        ],
    )
    comment = forms.CharField(
        label=gettext_lazy("Anything you would like to keep about it"),
        required=False,
        max_length=services.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "POST"])
@login_required
def satisfaction(request: HttpRequest) -> HttpResponse:
    """How was it?"""
    person = client_of(request)
    form = SatisfactionForm(request.POST or None)
    about = request.POST.get("about") or request.GET.get("about", "")
    about = about if about in Satisfaction.About else str(Satisfaction.About.WHOLE)
    if request.method == "POST" and form.is_valid():
        try:
            session_id = services.say_how_it_was(person_id=person.pk, about=about, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error(None, str(error.text))
        else:
            if session_id is not None:
                return redirect("chat:session", session_id=session_id)
            messages.success(request, _("Thank you."))
            return redirect("progress:home")
    context = {"form": form, "about": about, "about_name": Satisfaction.About(about).label}
    return render(request, "progress/satisfaction.html", context)
