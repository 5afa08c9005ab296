"""What may take a reply before the bank does: a guided skill, an answer with its source. Danger comes first."""

from __future__ import annotations

import random

from ml.llm.companion import answers, planner, skills
from ml.llm.companion.choice import Want
from ml.llm.companion.dialogue import Dialogue

# Asked in the middle of a skill, these are answered in a line, and the skill goes on.
IN_BETWEEN = frozenset(
    {"human", "secrets", "medication", "diagnosis", "want_person", "know_me", "repeat_complaint", "sum_up"}
)
# These end a skill: what is said counts more than the step.
ENDING = frozenset({"prompt_trick", "voices", "delusion", "romance", "eating", "dependence"})


def speak(dialogue: Dialogue, rng: random.Random) -> skills.Spoken | None:
    """The whole reply, where a skill leads or the library answers; None where the bank speaks."""
    if not planner.is_free(dialogue) or dialogue.has_cue(*IN_BETWEEN, *ENDING):
        return None
    if dialogue.has_cue("minor") and not dialogue.has_said("minor"):
        return None
    is_question = answers.is_asked(dialogue) and not skills.is_wanted(dialogue)
    answer = answers.speak(dialogue, rng) if is_question else None
    if answer is None:
        return skills.turn(dialogue, rng) or (None if is_question else answers.speak(dialogue, rng))
    after = skills.resume(dialogue, rng)
    if after is None:
        return answer
    # The open step is the one question of this reply.
    texts = (answer.texts[0], *answer.texts[2:], "\n" + after.texts[0], *after.texts[1:])
    return skills.Spoken(texts, (*answer.entries, *after.entries), answer.strategy)


def around(
    dialogue: Dialogue, wants: tuple[Want, ...], rng: random.Random
) -> tuple[tuple[Want, ...], skills.Spoken | None]:
    """Parts of a bank reply, and what a skill adds after them: its open question once more, or an offer."""
    if not planner.is_free(dialogue) or dialogue.has_cue("closing", *ENDING):
        return wants, None
    if dialogue.has_cue(*IN_BETWEEN):
        after = skills.resume(dialogue, rng)
        return (wants[:1], after) if after else (wants, None)
    if planner.is_try(wants) or (skills.is_urgent(dialogue) and not dialogue.has_cue(*planner.ALONE)):
        after = skills.offer(dialogue, rng)
        if after:
            return planner.before_offer(dialogue), after
    return wants, None
