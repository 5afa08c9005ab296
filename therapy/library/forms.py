"""The form of one item at the desk, built from the fields of its kind. The library's own reader validates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from ml.planning.reading import EMOTIONS, KINDS, NEEDS, SCENES, SOUNDS, WHEN, Known
from therapy.library.merging import known_names
from therapy.library.models import Kind, LibraryItem
from therapy.library.selectors import shipped
from therapy.library.services import NOTE_CHARACTERS, SHORTEST_NOTE

Shape = Literal["text", "number", "both", "lines", "names", "numbers", "json"]


@dataclass(frozen=True, slots=True)
class Part:
    """One field of an item. `both` and `lines` stand once for each language."""

    name: str
    label: Any
    shape: Shape
    rows: int = 2
    known: tuple[str, ...] = ()


def parts_of(kind: str) -> tuple[Part, ...]:
    """The fields of a kind, in the order they are written."""
    known = known_names(shipped())
    problems = Part("problems", _("Problems it is for"), "names", known=tuple(sorted(known.problems)))
    ends = (Part("evidence", _("Where this comes from"), "text"), Part("tags", _("Tags"), "names"))
    title, cautions = Part("title", _("Title"), "both"), Part("cautions", _("When to take care"), "both", 3)
    if kind == Kind.TECHNIQUE:
        return (title, *_technique_parts(known, cautions, problems), *ends, Part("level", _("Level"), "text"))
    if kind == Kind.ARTICLE:
        return (
            title,
            Part("question", _("The question people ask"), "both"),
            Part("answer", _("The answer"), "both", 12),
            Part("key_points", _("In short, one a line"), "lines", 4),
            Part("see_help_if", _("When to see somebody"), "both", 3),
            problems,
            Part("techniques", _("Techniques or families that go with it"), "names"),
            Part("practices", _("Practices that go with it"), "names"),
            *ends,
        )
    return (
        title,
        Part("kind", _("Kind of practice"), "text", known=KINDS),
        Part("minutes", _("Minutes: short, middle, long"), "numbers"),
        Part("phases", _("Phases (JSON)"), "json", 14),
        Part("adapt", _("Ways to adapt it (JSON)"), "json", 8),
        cautions,
        Part("alternatives", _("Other practices instead"), "names"),
        Part("sound", _("Sound"), "text", known=SOUNDS),
        Part("scene", _("Scene"), "text", known=SCENES),
        problems,
        ends[0],
    )


def _technique_parts(known: Known, cautions: Part, problems: Part) -> tuple[Part, ...]:
    return (
        Part("summary", _("What it is, in a sentence"), "both"),
        Part("why", _("Why it may help"), "both", 3),
        Part("steps", _("Steps, one a line"), "lines", 6),
        Part("minutes", _("Minutes"), "number"),
        Part("effort", _("Effort, 1 to 3"), "number"),
        cautions,
        Part("not_for", _("Never with"), "names", known=tuple(sorted(known.cautions))),
        Part("measure", _("What to rate"), "both"),
        Part("family", _("Family"), "text"),
        Part("when", _("When"), "names", known=WHEN),
        problems,
        Part("mechanisms", _("Mechanisms"), "names", known=tuple(sorted(known.mechanisms))),
        Part("emotions", _("Emotions"), "names", known=tuple(sorted(EMOTIONS))),
        Part("needs", _("Needs"), "names", known=tuple(sorted(NEEDS))),
    )


class ItemForm(forms.Form):
    """One item. `seen` is the newest version when the page was opened."""

    def __init__(self, kind: str, data: Any = None, *, body: Mapping[str, Any] | None = None, seen: int = 0) -> None:
        super().__init__(data)
        self.kind, self.parts = kind, parts_of(kind)
        for part in self.parts:
            for name, language in _names(part):
                self.fields[name] = _field(part, language)
                self.initial[name] = _shown(part, (body or {}).get(part.name), language)
        self.fields["note"] = forms.CharField(
            label=_("What changes, and why?"),
            min_length=SHORTEST_NOTE,
            max_length=NOTE_CHARACTERS,
            widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        )
        self.fields["seen"] = forms.IntegerField(widget=forms.HiddenInput, initial=seen, min_value=0)

    def body(self) -> dict[str, Any]:
        """The fields as the library holds them; call on a valid form."""
        return {part.name: self._value(part) for part in self.parts}

    def _value(self, part: Part) -> Any:
        values = [self.cleaned_data[name] for name, _language in _names(part)]
        if part.shape in ("both", "lines"):
            read = [_lines(value) if part.shape == "lines" else value.replace("\r\n", "\n").strip() for value in values]
            return dict(zip(("en", "zh"), read, strict=True))
        if part.shape == "names":
            return [name.strip() for name in values[0].replace("，", ",").split(",") if name.strip()]
        if part.shape == "numbers":
            words = values[0].replace(",", " ").split()
            return [int(word) if word.isdigit() and len(word) < 6 else word for word in words]
        return values[0].strip() if part.shape == "text" else values[0]


def _names(part: Part) -> list[tuple[str, str]]:
    if part.shape in ("both", "lines"):
        return [(f"{part.name}_en", "en"), (f"{part.name}_zh", "zh")]
    return [(part.name, "")]


def _field(part: Part, language: str) -> forms.Field:
    label = f"{part.label} ({'中文' if language == 'zh' else 'English'})" if language else part.label
    if part.shape == "number":
        widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})
        return forms.IntegerField(label=label, widget=widget)
    attrs = {"lang": "zh-Hans" if language == "zh" else language or "en", "autocomplete": "off"}
    if part.shape == "json":
        return forms.JSONField(label=label, widget=UnfoldAdminTextareaWidget(attrs={**attrs, "rows": part.rows}))
    is_long = part.shape in ("both", "lines") and part.name != "title"
    widget = (
        UnfoldAdminTextareaWidget(attrs={**attrs, "rows": part.rows}) if is_long else UnfoldAdminTextInputWidget(attrs)
    )
    # What may be empty is decided by the library's reader, with a better sentence.
    return forms.CharField(label=label, required=False, strip=False, widget=widget, help_text=", ".join(part.known))


def _shown(part: Part, value: Any, language: str) -> Any:
    if value is None:
        return "self_help" if part.name == "level" else None if part.shape == "json" else ""
    if part.shape in ("both", "lines"):
        text = value.get(language, "")
        return "\n".join(text) if part.shape == "lines" else text
    if part.shape in ("names", "numbers"):
        return ", ".join(str(one) for one in value)
    return value


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class KeyForm(forms.Form):
    """What a new item is called."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, widget=UnfoldAdminSelectWidget())
    key = forms.RegexField(
        r"^[a-z0-9][a-z0-9_-]{1,59}$",
        label=_("Key: small letters, digits, - and _"),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


class SearchForm(forms.Form):
    """Looking for an item, in either language."""

    words = forms.CharField(
        label=_("Search, in English or Chinese"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "search", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("all")), *Kind.choices], widget=UnfoldAdminSelectWidget()
    )


class DecisionForm(forms.Form):
    """Whether a draft counts."""

    read_as = forms.ChoiceField(
        label=_("I have read it"),
        choices=LibraryItem.ReadAs.choices,
        widget=UnfoldAdminSelectWidget(),
        required=False,
    )
    note = forms.CharField(
        label=_("A word about it"),
        max_length=NOTE_CHARACTERS,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Fields that differ, with what stood there and what stands there now."""
    former = before or {}
    names: Iterable[str] = dict.fromkeys((*former, *after))
    return [
        (name, _plain(former.get(name)), _plain(after.get(name)))
        for name in names
        if former.get(name) != after.get(name)
    ]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict) and set(value) == {"en", "zh"}:
        return "\n".join("\n".join(one) if isinstance(one, list) else str(one) for one in value.values())
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
