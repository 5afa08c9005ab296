"""Names of the kinds of risk, for people. The keys are those that `ml.risk` gives."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

NAMES = {
    "ideation_passive": _("passive thoughts of death"),
    "ideation_active": _("thoughts of suicide"),
    "plan": _("plan or intent"),
    "attempt_in_progress": _("attempt in progress"),
    "self_harm": _("self-harm"),
    "harm_others": _("danger to others"),
    "abuse_disclosure": _("abuse or violence"),
    "psychosis": _("losing touch with reality"),
    "eating_disorder": _("eating disorder"),
    "third_person": _("worry about somebody else"),
    "past_history": _("past attempt"),
    "grief": _("grief"),
    "medical_question": _("medicines or poisoning"),
    "everyday_distress": _("distress"),
    "neutral": _("unclear"),
    "request_human": _("asks for a person"),
    "callback": _("asks to be called back"),
}


def kind_name(kind: str) -> str:
    """A kind in words; an unknown one as it is."""
    return str(NAMES.get(kind, kind.replace("_", " ")))
