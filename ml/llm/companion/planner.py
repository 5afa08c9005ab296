"""Decides what a reply is made of: which situation leads, which strategies follow, in which order. Knows no wording."""

from __future__ import annotations

from ml.llm.companion import crisis
from ml.llm.companion.choice import Want
from ml.llm.companion.dialogue import Dialogue
from ml.types import RiskLevel

FEELS = frozenset({"reflection_of_feelings", "restatement"})
ASKS, KNOWS, TRIES, SEES = (
    frozenset({"question"}), frozenset({"information"}), frozenset({"suggestion"}), frozenset({"affirmation"})
)  # fmt: skip

# Situations that answer by themselves, the first that is met leads.
ALONE = (
    "prompt_trick", "voices", "delusion", "human", "romance", "secrets", "medication", "diagnosis", "eating",
    "dependence", "want_person", "repeat_complaint", "anger_at_bot", "disagreement", "know_me",
)  # fmt: skip
INFORMATION = (
    "info_panic", "info_cbt", "info_burnout", "info_grief", "info_sleep", "info_anxiety", "info_depression",
    "info_therapy",
)  # fmt: skip
SMALL = ("after_practice", "number", "thanks", "dont_know", "silence", "greeting")
LIGHT = frozenset({"joy", "hope", "relief"})
# What a content turn is made of, by turn number; later turns go round CYCLE.
ARC = (
    ("echo", "feel", "ask"), ("feel", "ask"), ("echo", "see", "ask"), ("feel", "know", "ask"), ("recall", "ask"),
    ("feel", "try"), ("feel", "ask"), ("summary",), ("see", "try"),
)  # fmt: skip
CYCLE = (("feel", "ask"), ("echo", "ask"), ("feel", "know"), ("recall", "ask"), ("feel", "try"), ("see", "ask"))
LONG_ENOUGH = 4  # messages after which a goodbye looks back
FOLLOW_EVERY = 4  # replies between two questions back to a danger that has passed
LOW_RISK_ASKS = frozenset({"ideation_passive", "self_harm", "past_history", "grief"})
# Whoever comes to speak of a death is first let speak.
GRIEF_FROM = 3
# Facets that, at low risk, are reason enough to ask.
HOPELESS = frozenset({"stuck", "not_enough", "numb"})


def plan(dialogue: Dialogue) -> tuple[Want, ...]:
    """Parts of the reply, first part first. That a counsellor has left is said before all but an emergency."""
    if dialogue.follows_human and dialogue.request.risk < RiskLevel.IMMINENT:
        return (_line("after_human"), *_plan(dialogue))
    return _plan(dialogue)


def _plan(dialogue: Dialogue) -> tuple[Want, ...]:
    if dialogue.request.risk < RiskLevel.HIGH and crisis.is_denied(dialogue):
        return (_line("c_denial", "after_denial"), _ask(dialogue))
    if dialogue.request.risk >= RiskLevel.MODERATE:
        if crisis.is_guess(dialogue):
            if not crisis.is_guess_asked(dialogue):
                return _check_in(dialogue, crisis.of_guess(dialogue))
            if dialogue.request.risk_kind in crisis.CALM_KINDS:
                return _ordinary(dialogue)
        if not crisis.is_calm(dialogue):
            return crisis.plan(dialogue)
        is_due = dialogue.turn % FOLLOW_EVERY == 0 and not dialogue.cues and not dialogue.has_said("c_denial")
        return (_part(dialogue, "feel"), crisis.follow_up()) if is_due else _ordinary(dialogue)
    return _check_in(dialogue, crisis.check_in()) if _wants_check_in(dialogue) else _ordinary(dialogue)


def _check_in(dialogue: Dialogue, asks: tuple[Want, ...]) -> tuple[Want, ...]:
    """The feeling or the matter first, then what is asked."""
    named = dialogue.request.risk_kind == "ideation_passive" or not (dialogue.facets or dialogue.topics)
    return (_line("c_low_reflect") if named else _part(dialogue, "feel"), *asks)


def is_free(dialogue: Dialogue) -> bool:
    """True where neither danger nor a counsellor's leaving claims this reply: a skill or an answer may take it."""
    request = dialogue.request
    if dialogue.follows_human or (request.risk < RiskLevel.HIGH and crisis.is_denied(dialogue)):
        return False
    if request.risk >= RiskLevel.MODERATE:
        is_over = crisis.is_guess_asked(dialogue) and request.risk_kind in crisis.CALM_KINDS
        return crisis.is_calm(dialogue) or (crisis.is_guess(dialogue) and is_over)
    return not _wants_check_in(dialogue) and not (request.risk == RiskLevel.LOW and request.risk_kind == "third_person")


def is_try(wants: tuple[Want, ...]) -> bool:
    """True where the reply was to end in a suggestion: an offer of a skill may stand in its place."""
    return any(want.strategies == TRIES for want in wants)


def before_offer(dialogue: Dialogue) -> tuple[Want, ...]:
    """What is said before a skill is offered: the feeling or the matter of this message."""
    return (_part(dialogue, "feel"),)


def _wants_check_in(dialogue: Dialogue) -> bool:
    request = dialogue.request
    if request.risk != RiskLevel.LOW or request.risk_kind == "third_person":
        return False
    if crisis.is_asked(dialogue) or (request.risk_kind == "grief" and dialogue.turn < GRIEF_FROM):
        return False
    return request.risk_kind in LOW_RISK_ASKS or bool(set(dialogue.facets) & HOPELESS)


def _ordinary(dialogue: Dialogue) -> tuple[Want, ...]:
    if dialogue.request.risk == RiskLevel.LOW and dialogue.request.risk_kind == "third_person":
        return (_line("c_third_ack"), _line("c_third_how"), _question("c_third_ask"))
    if dialogue.has_cue("sum_up"):
        return (_line("talk_sum", "talk_sum_none"), _line("talk_intent"), _question("talk_sum_ask"))
    for name in ALONE:
        if dialogue.has_cue(name) and not (name == "disagreement" and dialogue.has_cue("after_denial")):
            return _alone(dialogue, name)
    for name in INFORMATION:
        if dialogue.has_cue(name):
            return (Want(tiers=((name,), ("open",))), _ask(dialogue, after=("info_ask",)))
    if dialogue.has_cue("minor") and not dialogue.has_said("minor"):
        return (Want(tiers=(("minor",),)), *_content(dialogue, ("ask",)))
    if dialogue.has_cue("closing"):
        return _closing(dialogue)
    is_met_again = dialogue.is_first and dialogue.knows_person and dialogue.has_cue("greeting", "returning")
    if is_met_again and not _has_matter(dialogue):
        return (_line("greeting_again"), _question("remember", "remember_plan", "greeting_ask"))
    return _exchange(dialogue) or _content(dialogue, _shape(dialogue))


def _alone(dialogue: Dialogue, name: str) -> tuple[Want, ...]:
    if name == "know_me":
        person = dialogue.request.person
        if not (dialogue.request.memory or person.plan_steps or person.goals or person.name):
            return (_line("know_nothing"), _line("know_end"))
        return tuple(_line(part) for part in ("know_memory", "know_plan", "know_goals", "know_name", "know_end"))
    return (_any(name, "limits"), _question(f"{name}_ask", "boundary_ask"))


def _closing(dialogue: Dialogue) -> tuple[Want, ...]:
    """A short talk is let go; a longer one gets its own words back, one next step, and people."""
    if dialogue.turn < LONG_ENOUGH:
        return (_line("closing_short", "closing"), _line("closing"))
    step = _line("closing_intent", "closing_step")
    return (_line("closing_told", "closing_short"), step, _line("closing_people", "closing"))


def _exchange(dialogue: Dialogue) -> tuple[Want, ...]:
    """Turns whose form matters more than their matter: offers taken or refused, greetings, thanks, short answers."""
    return _offered(dialogue) or _asked(dialogue) or _small_turn(dialogue)


def _offered(dialogue: Dialogue) -> tuple[Want, ...]:
    if dialogue.has_cue("do_breathing"):
        return (_any("do_breathing", "open"),)
    if dialogue.has_cue("intends"):
        return (_line("intends", "accept"), _question("accept_ask"))
    if dialogue.has_cue("accept") and (
        dialogue.last_strategy("suggestion") or "try" in dialogue.text or "试" in dialogue.text
    ):
        return (_line("accept"), _question("accept_ask"))
    if dialogue.last_strategy("suggestion") and dialogue.has_cue("decline"):
        return (_line("decline"), _ask(dialogue, after=("decline_ask",)))
    for name in ("plan_review", "returning"):
        if dialogue.has_cue(name):
            return (_any(name, "open"), _question(f"{name}_ask"))
    return ()


def _asked(dialogue: Dialogue) -> tuple[Want, ...]:
    for name in ("ask_normal", "ask_why", "ask_opinion"):
        if dialogue.has_cue(name):
            return (_line(name, "open"), _ask(dialogue))
    if dialogue.has_cue("advice_now"):
        return _advice(dialogue)
    for name in ("off_topic", "capabilities"):
        if dialogue.has_cue(name) and not _has_matter(dialogue):
            return (_any(name, "limits"), _question("boundary_ask"))
    return ()


def _small_turn(dialogue: Dialogue) -> tuple[Want, ...]:
    for name in SMALL:
        if dialogue.has_cue(name) and not (_has_matter(dialogue) and name in {"thanks", "greeting"}):
            return _small(dialogue, name)
    if dialogue.has_cue("accept", "decline") and dialogue.is_bare:
        return (_line("silence", "open"), _ask(dialogue))
    if dialogue.is_bare and dialogue.turn > 1 and not dialogue.facets:
        return (_line("short_answer", "open"), _ask(dialogue, after=("short_ask",)))
    return ()


def _has_matter(dialogue: Dialogue) -> bool:
    """True if the message tells something besides its form."""
    return bool(dialogue.facets or dialogue.names_topic) and not dialogue.is_short


def _small(dialogue: Dialogue, name: str) -> tuple[Want, ...]:
    if name in {"silence", "dont_know"} and dialogue.turn > 2:
        return (_line(name, "open"), _ask(dialogue, after=(f"{name}_ask",)))
    return (_any(name, "open"), _question(f"{name}_ask", "open_ask"))


def _advice(dialogue: Dialogue) -> tuple[Want, ...]:
    """A step that suits the topic if the topic is known, else first the question that would make advice fit."""
    if dialogue.topics and dialogue.turn >= 2:
        tries = Want(tiers=(dialogue.facets or ("any",), ("any",)), strategies=TRIES, topics="own")
        return (_line("advice_lead"), tries)
    feels = Want(tiers=(dialogue.facets, ("any",)), strategies=FEELS, asks=False)
    return (feels, _any("advice_ask", "advice_now"))


def _shape(dialogue: Dialogue) -> tuple[str, ...]:
    if dialogue.has_cue("long_story"):
        return ("long", "ask")
    if dialogue.emotion in LIGHT or set(dialogue.facets) & {"better", "good_news"}:
        return ("feel", "ask") if dialogue.turn % 2 else ("see", "ask")
    turn = dialogue.turn
    shape = ARC[turn - 1] if turn <= len(ARC) else CYCLE[(turn - len(ARC) - 1) % len(CYCLE)]
    if shape[-1] == "try" and not (dialogue.names_topic or _has_step(dialogue)):
        return ("feel", "ask")
    return shape


def _has_step(dialogue: Dialogue) -> bool:
    """True if something the message tells has a small step of its own."""
    return any(entry.strategy == "suggestion" for entry in dialogue.bank.of(*dialogue.facets[:3]))


def _content(dialogue: Dialogue, shape: tuple[str, ...]) -> tuple[Want, ...]:
    if dialogue.is_first and dialogue.near_memory:
        return (_part(dialogue, "feel"), _question("remember_near"))
    return tuple(_part(dialogue, name) for name in shape)


def _part(dialogue: Dialogue, name: str) -> Want:
    facets = dialogue.facets[:3]
    is_known = bool(facets or dialogue.topics)
    if name == "ask":
        return _ask(dialogue)
    if name == "feel":
        tiers = (facets, ("any",), ("own_words",)) if is_known else (("own_words",), ("any",), ("open",))
        return Want(tiers=tiers, strategies=FEELS, asks=False)
    if name == "see":
        return Want(tiers=(facets, ("any",)), strategies=SEES, asks=False)
    if name == "know":
        near = (facets, ("any",)) if dialogue.names_topic else (facets,)
        return Want(tiers=near, strategies=KNOWS, asks=False, topics="own")
    if name == "try":
        near = (facets, ("any",)) if dialogue.names_topic else (facets,)
        return Want(tiers=near, strategies=TRIES, topics="own")
    named = {
        "echo": ("own_words", "open"),
        "recall": ("recall", "own_words", "open"),
        "summary": ("summary",),
        "long": ("long_story",),
    }
    return _any(*named[name])


def _ask(dialogue: Dialogue, after: tuple[str, ...] = ()) -> Want:
    """An open question: on the named situation, on what was told, on the topic, else one that fits anything."""
    tiers = tuple(tier for tier in (after, dialogue.facets[:3], ("any",), ("open_ask",)) if tier)
    return Want(tiers=tiers, strategies=ASKS, asks=True)


def _line(*situations: str) -> Want:
    return Want(tiers=tuple((name,) for name in situations), asks=False)


def _question(*situations: str) -> Want:
    return Want(tiers=tuple((name,) for name in situations), asks=True)


def _any(*situations: str) -> Want:
    return Want(tiers=tuple((name,) for name in situations))
