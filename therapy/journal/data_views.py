"""The journal as a file: taken out, taken in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from therapy.journal import csv_files, moments, selectors, services
from therapy.journal.forms import ImportForm
from therapy.journal.views import client_of, help_page


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest) -> HttpResponse:
    """Both ways on one page; a file with faults is named row by row and nothing of it is kept."""
    person = client_of(request)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    problems: list[csv_files.Problem] = []
    if form.is_valid():
        zone = moments.zone_for(person.pk)
        parsed = csv_files.parse(form.cleaned_data["file"], zone=zone, now=timezone.now())
        problems = parsed.problems
        if not problems:
            added, there, dangerous = services.take_in(person_id=person.pk, rows=parsed.rows)
            messages.success(request, _said(added, there))
            return help_page(request, person, dangerous) if dangerous else redirect("journal:days")
    context = {"form": form, "problems": problems, "columns": csv_files.COLUMNS}
    return render(request, "journal/data.html", context, status=422 if form.is_bound else 200)


def _said(added: int, there: int) -> str:
    said = ngettext("{count} entry was added.", "{count} entries were added.", added).format(count=added)
    if there:
        said += " " + ngettext(
            "{count} was there already and stays as it is.", "{count} were there already and stay as they are.", there
        ).format(count=there)
    return said


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Every entry as CSV."""
    person = client_of(request)
    text = csv_files.write(selectors.all_entries(person.pk), moments.zone_for(person.pk))
    return _file(text, "attune-journal.csv")


@login_required
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """The columns with two invented rows."""
    client_of(request)
    return _file(csv_files.template(), "attune-journal-template.csv")


def _file(text: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
