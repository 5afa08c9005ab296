"""Emotion over a session: pictures of labelled dialogues, what was read beside what their author marked.

`python -m ml.evaluation emotion --data ml/data/dialogues/sft_en.jsonl --trajectory DIR`
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ml.evaluation.charts import AMBER, BLUE, GREEN, GRID, INK, SOFT, Drawing, Plot
from ml.evaluation.metrics import Z_95, wilson
from ml.evaluation.rows import EvaluationError, read_rows
from ml.types import EmotionReading, Language
from ml.understanding import emotion
from ml.understanding.affect import AFFECT

_STEP, _LEFT, _TOP, _DEPTH = 84, 64, 58, 150
_THIRDS = ("beginning", "middle", "end")


@dataclass(frozen=True, slots=True)
class Told:
    """One message of the person: the feeling its author marked and the reading of its text."""

    marked: str
    reading: EmotionReading

    @property
    def marked_valence(self) -> float:
        """Where the marked feeling stands between unpleasant (-1) and pleasant (1)."""
        return AFFECT[self.marked][0]


@dataclass(frozen=True, slots=True)
class Session:
    """One labelled dialogue: the person's messages in order."""

    id: str
    topic: str
    told: tuple[Told, ...]

    @property
    def span(self) -> float:
        """How far the marked feelings reach between unpleasant and pleasant."""
        marked = [one.marked_valence for one in self.told]
        return max(marked) - min(marked)


def run(args: argparse.Namespace) -> dict[str, object]:
    """Draw the chosen dialogues and the course of all of them into `args.trajectory`, and give back the figures.

    Raises:
        EvaluationError: no dialogues of two marked messages or more.
    """
    sessions = load(args.data, args.lang)
    chosen = sorted(sessions, key=lambda one: (-len(one.told), -one.span, one.id))[: args.most]
    folder: Path = args.trajectory
    for session in chosen:
        picture(session).save(folder / f"{session.id}.svg")
    course(sessions).save(folder / "course.svg")
    report: dict[str, object] = {
        "suite": "emotion",
        "version": sessions[0].told[0].reading.version,
        "trajectory": figures(sessions),
        "files": ["course.svg", *(f"{session.id}.svg" for session in chosen)],
    }
    print(f"{len(sessions)} dialogues, {len(chosen) + 1} pictures in {folder}")
    print(report["trajectory"])
    return report


def load(path: Path, language: Language | None) -> list[Session]:
    """The dialogues whose every message of the person carries one of our feelings, read message by message."""
    sessions: list[Session] = []
    for row in read_rows(path):
        if language and row.get("lang") != language:
            continue
        turns: list[dict[str, Any]] = [turn for turn in row.get("turns", ()) if turn.get("role") == "user"]
        if len(turns) > 1 and all(turn.get("emotion") in AFFECT for turn in turns):
            told = tuple(Told(turn["emotion"], emotion.read(turn["text"], row.get("lang"))) for turn in turns)
            sessions.append(Session(str(row.get("id", len(sessions))), str(row.get("topic", "")), told))
    if not sessions:
        raise EvaluationError(f"{path}: no dialogues with marked feelings")
    return sessions


def figures(sessions: Sequence[Session]) -> dict[str, object]:
    """How well the readings follow what was marked: label, how pleasant, and whether things get better or worse."""
    told = [one for session in sessions for one in session.told]
    marked = np.array([one.marked_valence for one in told])
    read = np.array([one.reading.valence for one in told])
    moved = [(session.told[-1].marked_valence - session.told[0].marked_valence, session) for session in sessions]
    moved = [(change, session) for change, session in moved if change]
    right = sum(
        (session.told[-1].reading.valence - session.told[0].reading.valence) * change > 0 for change, session in moved
    )
    varies = len(told) > 1 and marked.std() > 0 and read.std() > 0
    return {
        "dialogues": len(sessions),
        "messages": len(told),
        "label_agreement": wilson(sum(one.reading.label == one.marked for one in told), len(told)).as_dict(),
        "valence_correlation": round(float(np.corrcoef(marked, read)[0, 1]), 4) if varies else None,
        "valence_mean_gap": round(float(np.abs(marked - read).mean()), 4),
        "direction_of_change": wilson(right, len(moved)).as_dict(),
        "course": {name: _course_of(sessions, name) for name in ("marked", "read")},
    }


def picture(session: Session) -> Drawing:
    """One dialogue: filled dots are the readings (larger: more stirred), rings what its author marked."""
    wide = _STEP * (len(session.told) - 1)
    drawing = Drawing(_LEFT + wide + 70, _TOP + _DEPTH + 64, f"Emotion over dialogue {session.id}")
    drawing.write((16, 22), f"{session.id} · {session.topic}", size=14, fill=INK)
    drawing.write((16, 40), "dots: read from the words · rings: marked by the author", size=10)
    plot = Plot(drawing, (_LEFT, _TOP), (max(wide, 1), _DEPTH), (0, max(len(session.told) - 1, 1)), (-1, 1))
    for height, name in ((1, "pleasant"), (0, ""), (-1, "unpleasant")):
        drawing.line(plot.at(-0.3, height), plot.at(len(session.told) - 0.6, height))
        drawing.write((_LEFT - 30, plot.at(0, height)[1] + (12 if height > 0 else -5)), name, size=9, anchor="middle")
    read = [plot.at(place, one.reading.valence) for place, one in enumerate(session.told)]
    drawing.path([plot.at(place, one.marked_valence) for place, one in enumerate(session.told)], stroke=GRID)
    drawing.path(read, stroke=SOFT)
    for place, one in enumerate(session.told):
        tone = AMBER if one.reading.valence > 0.1 else BLUE if one.reading.valence < -0.1 else GREEN
        drawing.dot(read[place], 9 + 6 * one.reading.arousal, fill=tone, fill_opacity=0.3)
        drawing.dot(read[place], 3.5, fill=tone)
        drawing.dot(plot.at(place, one.marked_valence), 6, fill="none", stroke=SOFT)
        x, foot = plot.at(place, -1)
        drawing.write((x, foot + 26), one.reading.label, anchor="middle", fill=INK)
        drawing.write((x, foot + 42), f"({one.marked})", size=10, anchor="middle")
    return drawing


def course(sessions: Sequence[Session]) -> Drawing:
    """All dialogues: the mean place of each third of the session, with 95 % intervals."""
    drawing = Drawing(420, 260, "Emotion over a session, mean of all dialogues")
    drawing.write((16, 22), f"Mean over {len(sessions)} dialogues, 95 % intervals", size=14, fill=INK)
    plot = Plot(drawing, (70, 44), (300, 160), (-0.4, 2.4), (-1, 1))
    plot.grid((), (-1, -0.5, 0, 0.5, 1))
    for place, name in enumerate(_THIRDS):
        drawing.write((plot.at(place, -1)[0], 222), name, anchor="middle")
    for shift, (name, colour) in zip((-0.06, 0.06), (("marked", SOFT), ("read", BLUE)), strict=True):
        means = _course_of(sessions, name)
        for place, (low, middle, high) in enumerate(means):
            drawing.line(plot.at(place + shift, low), plot.at(place + shift, high), stroke=colour)
            drawing.dot(plot.at(place + shift, middle), 4, fill=colour)
        drawing.path([plot.at(place + shift, middle) for place, (_, middle, _) in enumerate(means)], stroke=colour)
        drawing.write((90 if name == "marked" else 230, 246), f"● {name}", fill=colour)
    return drawing


def _course_of(sessions: Sequence[Session], name: str) -> list[tuple[float, float, float]]:
    """Low end, mean and high end of the valence in each third of a session."""
    thirds: list[list[float]] = [[] for _ in _THIRDS]
    for session in sessions:
        for place, one in enumerate(session.told):
            value = one.marked_valence if name == "marked" else one.reading.valence
            thirds[round(2 * place / (len(session.told) - 1))].append(value)
    found = []
    for values in thirds:
        middle = float(np.mean(values)) if values else 0.0
        spread = Z_95 * float(np.std(values)) / len(values) ** 0.5 if values else 0.0
        found.append((round(middle - spread, 4), round(middle, 4), round(middle + spread, 4)))
    return found
