"""Reasons in plain words: "Because ..." with the inputs that were used. The person's own words are never repeated."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ml.planning.inputs import PlanInputs
from ml.planning.needs import COUNT_OFTEN, SHARE_OFTEN, Need, Source, felt
from ml.planning.ranking import Candidate
from ml.planning.words import problems
from ml.types import Language

NOTHING_KNOWN = "nothing"

_NAMED: dict[Language, dict[Source, str]] = {
    "en": {
        "goal": "one of your goals is about {name}",
        "reason": "you wrote about {name}",
        "topic": "{name} came up in our talks",
    },
    "zh": {"goal": "你的目标和{name}有关", "reason": "你写到了{name}", "topic": "我们聊到过{name}"},
}
_FELT = {
    "en": {True: "you often felt {word} lately", False: "you sometimes felt {word} lately"},
    "zh": {True: "你最近常常感到{word}", False: "你最近有时感到{word}"},
}
_START = {
    "en": "You have not told us much yet, so this is a gentle first step that suits many people.",
    "zh": "我们对你还了解不多，所以先放一个适合很多人的、温和的第一步。",
}
_WAITING = {
    "en": "For the time until someone is with you. It does not take their place.",
    "zh": "在有人来到你身边之前，可以先用它撑一撑；它不能代替人。",
}
_GENTLE = {
    "en": "Because it asks little and suits most people, also on a hard day.",
    "zh": "因为它不费力，难的日子里也适合大多数人。",
}
_PERSON = {
    "en": {
        "risk": "Because what you are carrying sounds heavy, and a person can be with you in a way a page cannot.",
        "careful": "Because {clause}, and that is best looked at together with someone who knows about it.",
        "few": "Because not every exercise fits what you told us, and a person can choose with you.",
    },
    "zh": {
        "risk": "因为你现在承受的听起来很重，有人在身边，比一张页面能给的多。",
        "careful": "因为{clause}，这件事最好和懂的人一起来看。",
        "few": "因为照你说的情况，不是每个练习都适合你，和人一起挑会更稳妥。",
    },
}


def because(candidate: Candidate, inputs: PlanInputs, told: Collection[str] = ()) -> tuple[str, tuple[str, ...]]:
    """The reason for one step and the names of the inputs it uses. Feelings in `told` are not told again."""
    clauses, uses = _clauses(candidate.needs, inputs)
    feeling = _feeling_clause(candidate, inputs)
    if feeling and (not clauses or feeling[1] not in told):
        clauses.append(feeling[0])
        uses.append(f"feeling:{feeling[1]}")
    if not clauses:
        uses.append(NOTHING_KNOWN)
    why = candidate.edge.why.of(inputs.language)
    lead = _sentence(clauses, inputs.language) if clauses else _unnamed(inputs.language, told)
    return (f"{lead}{why}" if inputs.language == "zh" else f"{lead} {why}"), tuple(uses)


def _unnamed(language: Language, told: Collection[str]) -> str:
    """Nothing was named: said once, then only that the step is gentle."""
    return _GENTLE[language] if NOTHING_KNOWN in told else _START[language]


def because_of_person(kind: str, need: Need | None, inputs: PlanInputs) -> tuple[str, tuple[str, ...]]:
    """The reason for talking to a person first; `kind` is risk, careful or few."""
    texts = _PERSON[inputs.language]
    clauses, uses = _clauses((need,), inputs) if need else ([], [])
    if kind == "careful" and clauses:
        return texts["careful"].format(clause=clauses[0]), tuple(uses)
    return (texts["risk"], ("risk",)) if kind == "risk" else (texts["few"], ("cautions",))


def because_waiting(language: Language) -> tuple[str, tuple[str, ...]]:
    """The reason for a step that only fills the time until a person is there."""
    return _WAITING[language], ("risk",)


def because_gentle(language: Language) -> tuple[str, tuple[str, ...]]:
    """The reason for a step that asks little and harms nobody, where little else fits."""
    return _GENTLE[language], ()


def _clauses(needs: Sequence[Need], inputs: PlanInputs) -> tuple[list[str], list[str]]:
    """The strongest thing the person said about these needs: a goal outranks a text, a text outranks a topic."""
    sources: tuple[Source, ...] = ("goal", "reason", "topic")
    source = next((one for one in sources if one in needs[0].sources), None)
    if source is None:
        return [], []
    shared = [need.problem for need in needs if source in need.sources][:2]
    names = (problems()[problem].name.of(inputs.language) for problem in shared)
    name = ("、" if inputs.language == "zh" else " and ").join(names)
    return [_NAMED[inputs.language][source].format(name=name)], [f"{source}:{problem}" for problem in shared]


def _feeling_clause(candidate: Candidate, inputs: PlanInputs) -> tuple[str, str] | None:
    for seen, feeling in felt(inputs):
        if feeling.techniques & set(candidate.technique.emotions) or candidate.need.problem in feeling.problems:
            is_often = seen.share >= SHARE_OFTEN and seen.count >= COUNT_OFTEN
            return _FELT[inputs.language][is_often].format(word=feeling.word.of(inputs.language)), seen.label
    return None


def _sentence(clauses: list[str], language: Language) -> str:
    if language == "zh":
        # The second clause has the same subject: "你", said once, then "也".
        first, *rest = clauses
        return f"因为{'，'.join((first, *(clause.replace('你最近', '最近也', 1) for clause in rest)))}。"
    return f"Because {', and '.join(clauses)}."
