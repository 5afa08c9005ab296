"""Forms of memory: something to be remembered, in the person's words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from therapy.memory.models import Memory
from therapy.memory.wording import CHARACTERS

KINDS = [(kind.value, kind.label) for kind in (Memory.Kind.FACT, Memory.Kind.PREFERENCE)]


class MemoryForm(forms.Form):
    """One line; with its kind where it is new."""

    text = forms.CharField(
        label=_("What should be remembered?"),
        max_length=CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        help_text=_("In your words, for example “I work nights” or “Please keep answers short”."),
    )
    kind = forms.ChoiceField(label=_("What is it about?"), choices=KINDS, initial=Memory.Kind.FACT)

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["kind"]
