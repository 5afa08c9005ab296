"""Forms of the desk. They check input; services write."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import User
from therapy.review import cases, supervision
from therapy.review.choices import Fact, Outcome
from therapy.review.dispositions import Disposition, problems
from therapy.review.models import CaseTag, FollowUp, Review, SupervisionNote
from therapy.review.reading import SHORTEST_EMERGENCY, SHORTEST_REASON
from therapy.safety.models import REQUEST_KINDS, Level, RiskFlag

_NOTHING = [("", "–")]


def _date_field(label: Any, *, required: bool, help_text: Any = "") -> forms.DateField:
    widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _choice(label: Any, choices: Any, *, radio: bool = False) -> forms.ChoiceField:
    widget = UnfoldAdminRadioSelectWidget() if radio else UnfoldAdminSelectWidget()
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=widget)


class ReasonForm(forms.Form):
    """Why a conversation is opened. The person reads it under Privacy."""

    reason = forms.CharField(
        label=_("Why do you open this conversation?"),
        min_length=SHORTEST_REASON,
        max_length=300,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Stored sealed. The person sees your name, the time and this reason under “My privacy”."),
    )


class EmergencyForm(forms.Form):
    """Why a conversation that is neither flagged nor one's own is opened all the same."""

    reason = forms.CharField(
        label=_("What is the emergency?"),
        min_length=SHORTEST_EMERGENCY,
        max_length=600,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autocomplete": "off"}),
        help_text=_("A whole sentence. The person will read it, and a supervisor looks at every emergency opening."),
    )


class ReviewForm(forms.Form):
    """The structured decision that closes a flag."""

    outcome = _choice(_("What was it?"), Outcome.choices, radio=True)
    false_reason = _choice(_("If a false alarm: why?"), _NOTHING + Review.FalseReason.choices)
    level_given = _choice(_("Which level was it in your eyes?"), _NOTHING + Level.choices)
    desire = _choice(_("Thoughts of dying"), _NOTHING + Fact.choices)
    plan = _choice(_("A plan"), _NOTHING + Fact.choices)
    means = _choice(_("Means at hand"), _NOTHING + Fact.choices)
    timeframe = _choice(_("A time"), _NOTHING + Fact.choices)
    action = _choice(_("What was done?"), Review.Action.choices)
    contact = _choice(_("Contact with the person"), _NOTHING + Review.Contact.choices)
    follow_up_on = _date_field(
        _("Somebody looks again on"), required=False, help_text=_("Becomes a task of yours on that day.")
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("Stored sealed. The person receives it when they ask for a copy of their data."),
    )
    whole_session = forms.BooleanField(
        label=_("Also close the other open flags of this conversation"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget(),
    )
    keep_case = forms.BooleanField(
        label=_("I accompany this person from now on"), required=False, widget=UnfoldBooleanWidget()
    )
    lower_risk = forms.BooleanField(
        label=_("The danger is over: let the person's stored risk level go"),
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text=_("Otherwise it stays moderate or more for 24 hours after a high one, and then fades slowly."),
    )

    def __init__(self, *args: Any, flag: RiskFlag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._flag = flag
        is_request = flag.kind in REQUEST_KINDS
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)
        outcome.choices = [pair for pair in Outcome.choices if is_request or pair[0] != Outcome.ANSWERED]

    def clean(self) -> dict[str, Any]:
        """The rules of a decision, each at its field."""
        found = super().clean() or {}
        if not self.errors:
            today = timezone.now().date()
            wrong = problems(self.disposition(), kind=self._flag.kind, today=today)
            for field, text in wrong.items():
                self.add_error(field, text)
        return found

    def disposition(self) -> Disposition:
        """The decision as the service takes it."""
        found = dict(self.cleaned_data)
        level = found.pop("level_given", "")
        return Disposition(level_given=int(level) if level else None, **found)


class OpinionForm(forms.Form):
    """A second opinion, or what settles a difference."""

    outcome = forms.ChoiceField(
        label=_("What was it?"),
        choices=[pair for pair in Outcome.choices if pair[0] != Outcome.ANSWERED],
        widget=UnfoldAdminRadioSelectWidget(),
    )
    level_given = forms.TypedChoiceField(
        label=_("Which level was it in your eyes?"),
        coerce=int,
        choices=Level.choices,
        widget=UnfoldAdminSelectWidget(),
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=4000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class LevelForm(forms.Form):
    """The level of a conversation read blind."""

    level_given = forms.TypedChoiceField(
        label=_("The highest level in this conversation"),
        coerce=int,
        choices=Level.choices,
        widget=UnfoldAdminRadioSelectWidget(),
    )


class NoteForm(forms.Form):
    """A working note."""

    text = forms.CharField(
        label=_("Working note"),
        max_length=cases.LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("For colleagues; never shown in the chat. It is part of the person's own copy of their data."),
    )


class TagsForm(forms.Form):
    """Words of the desk's own list."""

    tags = forms.MultipleChoiceField(
        label=_("Tags"), required=False, choices=CaseTag.Tag.choices, widget=forms.CheckboxSelectMultiple()
    )


def _staff_choices(people: list[User]) -> list[tuple[str, str]]:
    return [(str(user.pk), f"{user.username} · {cases.load_of(user)}/{cases.capacity_of(user)}") for user in people]


class AssignForm(forms.Form):
    """Who accompanies the person; names with their cases and how many they take."""

    counsellor = forms.ChoiceField(label=_("Counsellor"), widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counsellor = self.fields["counsellor"]
        assert isinstance(counsellor, forms.ChoiceField)
        counsellor.choices = _staff_choices(people)


class FollowUpForm(forms.Form):
    """Something promised by a day."""

    what = forms.ChoiceField(label=_("What"), choices=FollowUp.What.choices, widget=UnfoldAdminSelectWidget())
    due_on = _date_field(_("By"), required=True)
    assignee = forms.ChoiceField(label=_("Who"), widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assignee = self.fields["assignee"]
        assert isinstance(assignee, forms.ChoiceField)
        assignee.choices = [(str(user.pk), user.username) for user in people]


class CapacityForm(forms.Form):
    """How many cases somebody takes."""

    most = forms.IntegerField(label=_("cases at most"), min_value=0, max_value=500)


class SupervisionForm(forms.Form):
    """A note about work at the desk."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        required=False,
        choices=[pair for pair in SupervisionNote.Kind.choices if pair[0] != SupervisionNote.Kind.REFLECTION],
        widget=UnfoldAdminSelectWidget(),
    )
    text = forms.CharField(
        label=_("Note"),
        max_length=supervision.LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=_(
            "Stored sealed; read by the colleague and by supervisors only. Write about the work, and quote nobody "
            "who wrote to us."
        ),
    )
