"""Forms of questionnaires: one question, all of them, the direct questions, the wish to be asked again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from therapy.assessments import reminders
from therapy.assessments.instruments import Instrument
from therapy.assessments.models import Reminder
from therapy.assessments.rules import Question


class AnswerField(forms.TypedChoiceField):
    """One of the printed answers."""

    def __init__(self, label: str, choices: Iterable[tuple[int, str]], *, initial: int | None, required: bool) -> None:
        super().__init__(
            label=label,
            choices=[(str(value), text) for value, text in choices],
            coerce=int,
            empty_value=None,
            initial=None if initial is None else str(initial),
            required=required,
            widget=forms.RadioSelect,
            error_messages={"required": _("Please choose one of the answers.")},
        )


def field_of(instrument: Instrument, item: int, language: str, *, given: int | None, required: bool) -> AnswerField:
    """The field of one item, or of the extra question after the last."""
    words = instrument.text(language)
    if item <= instrument.count:
        choices = zip(instrument.values, words.options, strict=True)
        return AnswerField(words.items[item - 1], choices, initial=given, required=required)
    extra = instrument.extra
    assert extra is not None
    spoken = "zh" if language.startswith("zh") else "en"
    choices = zip(extra.values, extra.options[spoken], strict=True)
    return AnswerField(extra.asks[spoken], choices, initial=given, required=False)


class QuestionForm(forms.Form):
    """One question on one screen."""

    def __init__(self, *args: Any, instrument: Instrument, item: int, language: str, given: int | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["answer"] = field_of(instrument, item, language, given=given, required=True)


class EverythingForm(forms.Form):
    """All questions on one page. Kept for later, some may be open; sent, none that counts may."""

    def __init__(
        self,
        *args: Any,
        instrument: Instrument,
        language: str,
        given: Mapping[int, int],
        is_whole: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for item in range(1, instrument.screens + 1):
            is_needed = is_whole and item <= instrument.count
            self.fields[f"item_{item}"] = field_of(
                instrument, item, language, given=given.get(item), required=is_needed
            )

    def values(self) -> dict[int, int]:
        """The answers that are valid, by item, whatever else is wrong with the form."""
        found = getattr(self, "cleaned_data", {})
        return {int(name.removeprefix("item_")): value for name, value in found.items() if value is not None}


class FollowUpForm(forms.Form):
    """The direct questions. Every one may be left out."""

    def __init__(self, *args: Any, questions: Iterable[Question], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            choices = enumerate(question.options[language])
            self.fields[f"question_{question.number}"] = AnswerField(
                question.asks[language], choices, initial=None, required=False
            )

    def values(self) -> dict[int, int]:
        """The answers given, by question. Call after `is_valid`."""
        return {
            int(name.removeprefix("question_")): value for name, value in self.cleaned_data.items() if value is not None
        }


class ReminderForm(forms.Form):
    """When to be asked again, and how."""

    is_on = forms.BooleanField(label=_("Ask me again"), required=False)
    every_days = forms.TypedChoiceField(
        label=_("How often at most"),
        coerce=int,
        choices=list(
            zip(reminders.INTERVALS, (_("every 2 weeks"), _("every 4 weeks"), _("every 3 months")), strict=True)
        ),
    )
    by_mail = forms.BooleanField(
        label=_("Also by e-mail"),
        required=False,
        help_text=_("The mail says only that some questions are waiting."),
    )
    by_push = forms.BooleanField(
        label=_("Also as a notification in my browsers"),
        required=False,
        help_text=_("Only in browsers that you switch on below."),
    )

    def __init__(self, *args: Any, has_mail: bool, has_push: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_mail:
            del self.fields["by_mail"]
        if not has_push:
            del self.fields["by_push"]


def reminder_form(row: Reminder | None, data: Any, *, prefix: str, has_mail: bool, has_push: bool) -> ReminderForm:
    """The form of one questionnaire, with what was wished before."""
    shown = row or Reminder(is_on=False)
    initial = {
        "is_on": shown.is_on,
        "every_days": shown.every_days,
        "by_mail": shown.by_mail,
        "by_push": shown.by_push,
    }
    return ReminderForm(data, initial=initial, prefix=prefix, has_mail=has_mail, has_push=has_push)


class SummaryForm(forms.Form):
    """What goes onto the page for a professional."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    include = forms.MultipleChoiceField(label=_("Questionnaires"), required=False, widget=forms.CheckboxSelectMultiple)
    items = forms.BooleanField(label=_("My single answers, too"), required=False)
    name = forms.CharField(
        label=_("Name on the page"),
        required=False,
        max_length=120,
        help_text=_("Stands on the page only and is not kept."),
    )

    def __init__(self, *args: Any, names: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["include"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(names)

    def clean(self) -> dict[str, Any]:
        """The first day lies before the last."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day lies before the first."))
        return cleaned
