"""What a person is asked to agree to: one text with a version per purpose. A changed text gets a new version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class PurposeText:
    """The text of one purpose as it is shown. `needed`: the service cannot be used without it."""

    purpose: str
    version: str
    title: _StrPromise
    text: _StrPromise
    needed: bool = False


PURPOSES: tuple[PurposeText, ...] = (
    PurposeText(
        Consent.Purpose.SERVICE,
        "2026-11b",
        _("Talking with Attune"),
        _(
            "We store your account and your conversations, encrypted, so that you can read them again and the program "
            "can answer you. A program checks every message for signs of danger. If it finds some, or in an emergency, "
            "a counsellor may read that conversation. A few conversations are drawn at random and read, to find out "
            "what the program misses. Whoever reads writes down why, and you can see it. Without this the service "
            "cannot work."
        ),
        needed=True,
    ),
    PurposeText(
        Consent.Purpose.HEALTH_DATA,
        "2026-11",
        _("Using what I say about my health and mood"),
        _(
            "What you write about how you feel is health data, which the law protects specially. With your yes we use "
            "it to give fitting replies and to draft your personal plan, and for nothing else. Without it you can "
            "still talk, but there will be no plan."
        ),
    ),
    PurposeText(
        Consent.Purpose.EMOTION_READING,
        "2026-11",
        _("Reading emotions from my messages"),
        _(
            "A program guesses from your words how you may feel, so that replies fit better. It can be wrong. You see "
            "its guess, and counsellors see it when they read a conversation. It uses text only, never camera or "
            "microphone."
        ),
    ),
    PurposeText(
        Consent.Purpose.MEMORY,
        "2026-11",
        _("Remembering things between conversations"),
        _(
            "With your yes the program keeps a few plain things you say, in your words: for example that you work "
            "nights, or that breathing exercises are not for you, and what earlier conversations were about. Replies "
            "can then take them up. It keeps nothing about danger or illness. You see every line under “What is "
            "remembered” and can change or delete it. Without it, every conversation begins anew."
        ),
    ),
    PurposeText(
        Consent.Purpose.SCORE_SHARING,
        "2026-11",
        _("Showing my questionnaire totals to counsellors"),
        _(
            "A counsellor who opens one of your conversations with a reason also sees the totals of your "
            "questionnaires and their days, never single answers. You see each such reading. Without your yes they "
            "see none. One thing is always told to them: an answer that speaks of thoughts of death."
        ),
    ),
    PurposeText(
        Consent.Purpose.OUTCOMES,
        "2026-11",
        _("Counting me in figures about how well this helps"),
        _(
            "Whether your totals got better, stayed or got worse, and how content you are, is counted together with "
            "at least 19 other people. Nothing that you wrote goes in, and nobody can see you in it. This is off "
            "unless you switch it on."
        ),
    ),
    PurposeText(
        Consent.Purpose.TRAINING,
        "2026-11",
        _("Helping to improve the program"),
        _(
            "Your conversations, with names and numbers removed, may be used to improve our programs. This is off "
            "unless you switch it on. If you switch it off again, nothing more is taken from then on."
        ),
    ),
)

CONSENT_VERSIONS: Mapping[str, str] = {text.purpose: text.version for text in PURPOSES}


def is_offered(purpose: str) -> bool:
    """Whether this installation does what the purpose is about: reading emotions may be off for all (RG-06)."""
    return purpose != Consent.Purpose.EMOTION_READING or settings.EMOTION_READING
