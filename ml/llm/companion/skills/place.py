"""Where in a skill a talk is, read from the talk itself: the engine knows its own earlier lines by their wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ml.llm.companion.skills.records import Line, Skill, Skills, load_skills
from ml.types import ChatTurn, Language, ReplyRequest

LANGUAGES: tuple[Language, ...] = ("en", "zh")
ENDS = ("rate", "rate_again", "next")


@dataclass(frozen=True, slots=True)
class Place:
    """The line that waits for an answer: of which skill, which step, how often it was put, and what was said so far.

    `answer` is what the person wrote since; `answers` are the earlier ones by the step's id.
    """

    skill: Skill
    kind: str
    step: int
    times: int
    answer: str
    answers: dict[str, str] = field(default_factory=dict)


def find(request: ReplyRequest) -> Place | None:
    """The open place in a skill, or None. The language may have changed since: the skill goes on in the new one."""
    spoken = _spoken(request.turns)
    if not spoken or spoken[-1][0] is None or not spoken[-1][1]:
        return None
    skills = load_skills(request.language)
    run = _run(spoken)
    if run is None:
        return None
    skill_id, lines = run
    last, answer = lines[-1]
    skill = skills.of(skill_id)
    times = 0
    for line, _ in reversed(lines):
        if line.step != last.step or line.kind == "offer":
            break
        times += 1
    return Place(skill, last.kind, last.step, times, answer, _answers(skill, lines[:-1], last))


def used_lines(request: ReplyRequest) -> frozenset[str]:
    """Ids of all skill lines in this session: those the request carries, and those that stand in the replies seen."""
    given = {entry for entry in request.used_entries if entry.startswith("skill:")}
    found = {line[1].id for line, _ in _spoken(request.turns) if line is not None}
    return frozenset(given | found)


def _spoken(turns: Sequence[ChatTurn]) -> list[tuple[tuple[str, Line] | None, str]]:
    """Each reply's skill line (or None) with what the person wrote after it, oldest first.

    A reply of a counsellor, or a mark that one came or went, counts as a reply without a line: skills end there.
    """
    spoken: list[tuple[tuple[str, Line] | None, str]] = []
    for turn in turns:
        if turn.role == "user":
            if spoken:
                line, said = spoken[-1]
                spoken[-1] = (line, f"{said}\n{turn.text}".strip())
        else:
            spoken.append((_line_in(turn.text) if turn.role == "assistant" else None, ""))
    return spoken


def _line_in(reply: str) -> tuple[str, Line] | None:
    """The place that a reply holds; the wording of each is its own, so the longest found is the one."""
    for language in LANGUAGES:
        skills = load_skills(language)
        for skill_id, line in skills.places:
            if line.text in reply:
                return skill_id, line
        for line in (line for kind in ENDS for line in skills.common.lines[kind]):
            if line.text in reply:
                return "", line
    return None


def _run(spoken: Sequence[tuple[tuple[str, Line] | None, str]]) -> tuple[str, list[tuple[Line, str]]] | None:
    """The lines of the skill that is open, from its start: walks back while the replies belong to it."""
    lines: list[tuple[Line, str]] = []
    name = ""
    for found, said in reversed(spoken):
        if found is None:
            break
        skill_id, line = found
        if name and skill_id and skill_id != name:
            break
        name = name or skill_id
        lines.append((line, said))
        if line.kind == "offer" or (line.kind == "ask" and line.step == 0):
            break
    return (name, lines[::-1]) if name and lines else None


def _answers(skill: Skill, lines: Sequence[tuple[Line, str]], last: Line) -> dict[str, str]:
    """The last answer given to each step before the open one."""
    return {
        skill.steps[line.step].id: said
        for line, said in lines
        if line.kind in {"ask", "again", "help"} and line.step < len(skill.steps) and (said and _is_before(line, last))
    }


def _is_before(line: Line, last: Line) -> bool:
    return last.kind in ENDS or line.step < last.step


def all_skills() -> tuple[Skills, ...]:
    """The skills of every language, read now."""
    return tuple(load_skills(language) for language in LANGUAGES)
