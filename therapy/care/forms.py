"""Forms of care: the safety plan with its steps, the number to call, the answer to a check-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from therapy.care import plan
from therapy.care.models import Callback

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Part:
    """One step of the plan on the page: its fields by name, and what to think of when filling it in."""

    name: str
    number: int
    title: str | _StrPromise
    help: str | _StrPromise


PARTS = (
    Part(
        "trusted",
        0,
        _("Somebody I trust"),
        _("The one person you would want beside you. Their number stands on top of your plan, one tap away."),
    ),
    Part(
        "signs",
        1,
        _("Signs that it is beginning"),
        _("Thoughts, feelings, situations or things you do that tell you: it is getting dangerous."),
    ),
    Part(
        "coping",
        2,
        _("What I can do by myself"),
        _("Things that took your mind off it before, even for ten minutes."),
    ),
    Part("company", 3, _("People who take my mind off it"), _("You don't have to tell them why you call.")),
    Part("places", 3, _("Places where I am not alone"), _("A café, a library, a park, a relative's kitchen.")),
    Part("helpers", 4, _("People I can ask for help"), _("Those you can tell how bad it is.")),
    Part(
        "professionals",
        5,
        _("Professionals I can reach"),
        _("A doctor, a counsellor, a clinic. Crisis lines of your country are added by us."),
    ),
    Part(
        "safer",
        6,
        _("How I make my surroundings safer"),
        _(
            "Give things you could use to hurt yourself to somebody, lock them away and hand over the key, or go "
            "elsewhere for a while."
        ),
    ),
    Part("reasons", 7, _("What is worth staying for"), _("A person, an animal, a plan, a song. One is enough.")),
)


class PlanForm(forms.Form):
    """One line per slot; nothing is required."""

    def __init__(self, *args: Any, words: plan.PlanWords | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        filled = words or plan.PlanWords()
        for part in PARTS:
            values = getattr(filled, part.name)
            for index in range(plan.LINES.get(part.name) or plan.CONTACTS[part.name]):
                value = values[index] if index < len(values) else None
                self._add(part, index, value)

    def _add(self, part: Part, index: int, value: object) -> None:
        is_contact = part.name in plan.CONTACTS
        text = value.name if isinstance(value, plan.Contact) else value
        label = _("Name") if is_contact else _("In my words")
        self.fields[f"{part.name}_{index}"] = _line(label, text, plan.LINE_CHARACTERS)
        if is_contact:
            phone = value.phone if isinstance(value, plan.Contact) else ""
            field = _line(_("Phone number"), phone, plan.PHONE_CHARACTERS)
            field.widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
            self.fields[f"{part.name}_{index}_phone"] = field

    def parts(self) -> Iterator[tuple[Part, list[list[forms.BoundField]]]]:
        """Each step with its rows of fields."""
        for part in PARTS:
            count = plan.LINES.get(part.name) or plan.CONTACTS[part.name]
            suffixes = ("", "_phone") if part.name in plan.CONTACTS else ("",)
            yield part, [[self[f"{part.name}_{index}{suffix}"] for suffix in suffixes] for index in range(count)]

    def words(self) -> plan.PlanWords:
        """The plan as written; empty lines are left out. Call after `is_valid`."""
        data: Mapping[str, str] = self.cleaned_data
        words: dict[str, Any] = {
            name: tuple(text for index in range(count) if (text := data.get(f"{name}_{index}", "").strip()))
            for name, count in plan.LINES.items()
        }
        words |= {name: tuple(_contacts(data, name, count)) for name, count in plan.CONTACTS.items()}
        return plan.PlanWords(**words)


def _line(label: str | _StrPromise, value: object, length: int) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=length, initial=value or "", strip=True)


def _contacts(data: Mapping[str, str], name: str, count: int) -> Iterator[plan.Contact]:
    for index in range(count):
        who, phone = data.get(f"{name}_{index}", "").strip(), data.get(f"{name}_{index}_phone", "").strip()
        if who or phone:
            yield plan.Contact(who or phone, phone)


class CallbackForm(forms.Form):
    """Where and when to call."""

    number = forms.CharField(
        label=_("Number to call"),
        max_length=plan.PHONE_CHARACTERS,
        help_text=_("Kept encrypted. A counsellor sees it after giving a reason, and you see that under “My privacy”."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    when = forms.ChoiceField(label=_("When"), choices=Callback.When.choices, initial=Callback.When.SOON)


class CheckInForm(forms.Form):
    """How it is now."""

    feeling = forms.ChoiceField(
        label=_("How are you now?"),
        widget=forms.RadioSelect,
        choices=[
            ("better", _("A little better")),
            ("same", _("About the same")),
            ("worse", _("Worse")),
            ("unsafe", _("I am not safe right now")),
        ],
    )
    words = forms.CharField(
        label=_("Anything you would like to say"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
