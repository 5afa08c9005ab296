"""The constrained path for danger: which vetted lines a reply at moderate or above is made of, in which order.

Rules: SAFETY table 1.1 and 1.4 of docs/safety.md. One question at a time: suicide, plan, means, time, then what gets
in the way of help, people, and a next step. Knows no wording.
"""

from __future__ import annotations

import re

from ml.llm.companion.choice import Want
from ml.llm.companion.dialogue import Dialogue
from ml.llm.companion.lexicon import plain
from ml.types import RiskLevel

# Kinds of a message that holds no danger of its own.
CALM_KINDS = frozenset(
    {"neutral", "everyday_distress", "idiom", "fiction", "negation", "medical_question", "jailbreak"}
)
ENOUGH = 4  # replies on safety after which ordinary talk may go on beside it
EXPLICIT_KINDS = frozenset({"ideation_active", "plan", "attempt_in_progress"})
PATHS = {
    "abuse_disclosure": "abuse",
    "harm_others": "violence",
    "psychosis": "voices",
    "eating_disorder": "eating",
    "third_person": "third",
    "self_harm": "harm",
}
ASKED_SUICIDE = ("ask_suicide", "c_ask_suicide")
THEMED = ("c_abuse_", "c_violence_", "c_voices_", "c_eating_", "c_third_")
TAKEN = {
    "en": re.compile(r"\b(took|taken|swallow\w*|overdos\w*|od'?d|drank (bleach|the))\b|\bpills? (are )?(gone|in me)\b"),
    "zh": re.compile(
        r"(吃|吞|喝|服)(了|下|下去|完|光).{0,10}(药|片|瓶|粒|农药|漂白|安眠)|(药|安眠药|农药).{0,6}(吃|吞|喝)(了|下|完|光)|割(了|开|下去)"
    ),
}
EXPLICIT = {
    "en": re.compile(
        r"\b(kill(ing)? myself|suicid\w*|end(ing)? my (own )?life|take my (own )?life|end it (all|tonight))\b"
    ),
    "zh": re.compile(r"自杀|轻生|想死|不想活|结束(自己的?)?生命|了结|寻死|去死"),
}
QUESTIONS = ("c_ask_plan", "c_ask_means", "c_ask_time")
LATER = ("c_barrier", "c_person", "c_safeplan", "c_follow")
BOUNDARIES = ("human", "secrets", "medication", "diagnosis", "romance", "prompt_trick", "dependence", "anger_at_bot")


def plan(dialogue: Dialogue) -> tuple[Want, ...]:
    """Parts of a reply where the risk is moderate or more, first part first."""
    request = dialogue.request
    if request.risk == RiskLevel.IMMINENT:
        return _imminent(dialogue)
    if is_denied(dialogue):
        return _denied()
    lead = _lead(dialogue)
    path = _path(dialogue)
    if path == "harm" and dialogue.has_said("c_harm_ack"):
        path = "suicide"
    if path == "third":
        return (*lead, *_third(dialogue))
    if path in {"abuse", "violence", "voices", "eating"}:
        return (*lead, *_themed(dialogue, path))
    return (*lead, *_suicide(dialogue, is_self_harm=path == "harm"))


def is_calm(dialogue: Dialogue) -> bool:
    """True where only an earlier message holds the level up, and what had to be asked was asked: talk may go on."""
    request = dialogue.request
    asked = sum(any(entry.strategy == "safety" for entry in reply) for reply in dialogue.said)
    was_heard = dialogue.has_said("c_denial", "after_denial") or asked >= ENOUGH
    return request.risk == RiskLevel.MODERATE and request.risk_kind in CALM_KINDS and was_heard


def is_guess(dialogue: Dialogue) -> bool:
    """True where danger was only guessed: it is asked about once, gently, before it is taken as said."""
    return dialogue.request.risk == RiskLevel.MODERATE and not dialogue.request.risk_is_plain


def is_asked(dialogue: Dialogue) -> bool:
    """True if the person was asked about suicide in this conversation."""
    return dialogue.has_said("c_low_ask", *ASKED_SUICIDE)


def is_guess_asked(dialogue: Dialogue) -> bool:
    """True if what the guess calls for was asked before; any such question, where an earlier message was the guess."""
    if dialogue.request.risk_kind in CALM_KINDS:
        return dialogue.has_said("c_guess_ask") or is_asked(dialogue)
    return dialogue.has_said("c_guess_ask") if _has_own_path(dialogue) else is_asked(dialogue)


def of_guess(dialogue: Dialogue) -> tuple[Want, ...]:
    """What is asked of a guess: about suicide with the line in passing, or about safety where the theme is another."""
    return (_ask("c_guess_ask"),) if _has_own_path(dialogue) else check_in()


def _has_own_path(dialogue: Dialogue) -> bool:
    return dialogue.request.risk_kind in PATHS and dialogue.request.risk_kind != "self_harm"


def follow_up() -> Want:
    """A question back to what was told, between ordinary replies."""
    return _ask("c_follow", "c_safeplan", "c_person")


def check_in() -> tuple[Want, ...]:
    """Low risk, once in a session: a gentle, plain question, and the line in passing."""
    return (
        Want(tiers=(("c_low_ask",), ("c_ask_suicide",)), asks=True),
        Want(tiers=(("c_low_line",),), asks=False),
    )


def _lead(dialogue: Dialogue) -> tuple[Want, ...]:
    """What the last message calls for before anything else: an honest answer, a reply to a step taken or refused."""
    boundary = next((cue for cue in BOUNDARIES if dialogue.has_cue(cue)), "")
    if boundary:
        return (Want(tiers=((f"c_bound_{boundary}",),), asks=False),)
    reaction = next((cue for cue in ("c_did", "c_refuses_line", "c_alone", "c_why") if dialogue.has_cue(cue)), "")
    if reaction:
        return (Want(tiers=((reaction,),), asks=False),)
    if dialogue.has_cue("after_denial"):
        return (Want(tiers=(("c_denial",), ("after_denial",)), asks=False),)
    if dialogue.has_cue("im_fine_now"):
        return (Want(tiers=(("c_fine",), ("im_fine_now",)), asks=False),)
    if dialogue.has_cue("silence", "dont_know"):
        return (Want(tiers=(("c_quiet",),), asks=False),)
    return ()


def _imminent(dialogue: Dialogue) -> tuple[Want, ...]:
    """The emergency number first, one short step, one question about now; once help was called, holding on."""
    if dialogue.has_cue("c_did"):
        return (_line("c_did"), _line("c_hold"), _ask("c_hold_ask", "c_stay_ask"))
    boundary = next((cue for cue in BOUNDARIES if dialogue.has_cue(cue)), "")
    if boundary or dialogue.has_cue("c_refuses_line"):
        answer = f"c_bound_{boundary}" if boundary else "c_refuses_call"
        return (_line("c_emergency"), _line(answer, "c_step"), _ask("c_stay_ask"))
    if dialogue.request.risk_kind == "third_person":
        return (_line("c_third_emergency", "c_emergency"), _line("c_third_step"), _ask("c_third_ask", "c_stay_ask"))
    if TAKEN[dialogue.language].search(plain(" ".join((*dialogue.earlier[-3:], dialogue.text)))):
        return (
            _line("c_took", "took_something", "c_emergency"),
            _line("c_took_step", "c_step"),
            _ask("c_took_ask", "c_stay_ask"),
        )
    if dialogue.request.risk_kind in {"abuse_disclosure", "harm_others"}:
        path = PATHS[dialogue.request.risk_kind]
        return (_line(f"c_{path}_emergency", "c_emergency"), _line(f"c_{path}_step", "c_step"), _ask("c_stay_ask"))
    return (_line("c_emergency"), _line("c_step"), _ask("c_stay_ask"))


def _suicide(dialogue: Dialogue, *, is_self_harm: bool) -> tuple[Want, ...]:
    is_high = dialogue.request.risk >= RiskLevel.HIGH
    parts: list[Want] = []
    if not _has_lead(dialogue):
        parts.append(_line("c_harm_ack" if is_self_harm else "c_ack_high" if is_high else "c_ack", "c_ack"))
    if _needs_line(dialogue):
        parts.append(_line("c_line_high" if is_high else "c_line", "c_line"))
    if is_high:
        parts.append(_line("c_with" if dialogue.last_said("c_distance") else "c_distance", "c_with", "c_stay"))
    elif not _needs_line(dialogue):
        parts.append(_line("c_human", "c_stay"))
    parts.append(_ask(*_next_questions(dialogue)))
    return tuple(parts)


def is_denied(dialogue: Dialogue) -> bool:
    """True if the person takes back or denies what was asked about in an earlier reply."""
    return dialogue.has_cue("after_denial") and dialogue.has_said(*ASKED_SUICIDE, *QUESTIONS, "c_ask_now", "c_low_ask")


def _path(dialogue: Dialogue) -> str:
    """The theme of the danger: the message's own, or, where it has none, that of the latest reply on safety."""
    kind = dialogue.request.risk_kind
    if kind not in CALM_KINDS:
        return PATHS.get(kind, "suicide")
    names = [entry.situation for reply in reversed(dialogue.said) for entry in reply]
    themes = [name.split("_")[1] for name in names if name.startswith(THEMED)]
    return themes[0] if themes else "suicide"


def _denied() -> tuple[Want, ...]:
    """At high: believed, remembered, not argued with; the line and a person stay in view."""
    return (_line("c_denial", "after_denial", "c_stay"), _line("c_line", "c_human"), _ask("c_person", "c_follow"))


def _has_lead(dialogue: Dialogue) -> bool:
    return bool(_lead(dialogue))


def _needs_line(dialogue: Dialogue) -> bool:
    """The crisis line at once, then in every second or third reply, in other words each time."""
    gap = 2 if dialogue.request.risk >= RiskLevel.HIGH else 3
    recent = [entry.situation for reply in dialogue.said[-(gap - 1) :] for entry in reply]
    wanted = "c_line_high" if dialogue.request.risk >= RiskLevel.HIGH else "c_line"
    return not any(name.startswith(wanted) for name in recent)


def _next_questions(dialogue: Dialogue) -> tuple[str, ...]:
    """The first question of the ladder not yet asked, and what follows it if no wording is left."""
    asked = EXPLICIT[dialogue.language].search(plain(" ".join((*dialogue.earlier, dialogue.text))))
    knows = bool(asked) or dialogue.request.risk_kind in EXPLICIT_KINDS or dialogue.has_said(*ASKED_SUICIDE)
    if not knows:
        return ("c_ask_suicide", "ask_suicide")
    ladder = ("c_ask_now", "c_ask_means", "c_ask_time") if dialogue.request.risk >= RiskLevel.HIGH else QUESTIONS
    waiting = [name for name in (*ladder, *LATER) if not dialogue.has_said(name, name.removeprefix("c_"))]
    return (*waiting, "c_follow", "c_stay_ask", "c_person", "c_safeplan")


def _third(dialogue: Dialogue) -> tuple[Want, ...]:
    """Helps the one who worries: how to ask, whom to call, who shares it."""
    if not dialogue.has_said("c_third_ack"):
        return (_line("c_third_ack"), _line("c_third_how"), _line("c_third_line"), _ask("c_third_ask"))
    how = _line("c_third_how", "c_third_next", "c_third_self", "c_stay")
    return (how, _line("c_third_line", "c_third_next", "c_third_self"), _ask("c_third_ask", "c_hold_ask"))


def _themed(dialogue: Dialogue, path: str) -> tuple[Want, ...]:
    """Abuse, harm to others, voices, eating: its own acknowledgement, safety step, help and question."""
    first = () if _has_lead(dialogue) else (_line(f"c_{path}_ack", "c_stay"),)
    middle: tuple[Want, ...] = (_line(f"c_{path}_step", "c_human"), _line(f"c_{path}_help", "c_line_any"))
    if dialogue.request.risk < RiskLevel.HIGH and dialogue.has_said(f"c_{path}_help"):
        middle = middle[:1]
    return (*first, *middle, _ask(f"c_{path}_ask", "c_themed_ask", "c_person"))


def _line(*situations: str) -> Want:
    return Want(tiers=tuple((name,) for name in situations), asks=False)


def _ask(*situations: str) -> Want:
    return Want(tiers=tuple((name,) for name in situations), asks=True)
