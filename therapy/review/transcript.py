"""A session as a counsellor reads it: words with marked evidence, emotion, risk and provenance. Built for one view.

The caller has logged the reading first (`services.open_transcript`); nothing made here is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from therapy.chat.models import ChatSession, Message
from therapy.chat.selectors import MessageView, transcript
from therapy.observations.feelings import feeling_name
from therapy.observations.selectors import may_read_emotion, recent
from therapy.review import explaining
from therapy.review.kinds import kind_name
from therapy.safety.models import Level, RiskFlag

_MOST_OBSERVATIONS = 2000


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a message; `rules` names what marked it, `level` how severely. Text is not yet escaped.

    `by` tells rule hits and the learned head's words apart: "rule", "head" or "both".
    """

    text: str
    rules: str = ""
    level: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a message was flagged: a rule or the learned head, its level, and whether it marks words or the whole."""

    name: str
    by: str
    level: int
    level_name: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Emotion:
    """Emotion read from one message; valence and arousal in [-1, 1], `place` in percent of the strip."""

    label: str
    valence: float
    arousal: float
    place: int


@dataclass(frozen=True, slots=True)
class Row:
    """One message as shown."""

    id: UUID
    seq: int
    role: str
    role_name: str
    at: datetime
    segments: tuple[Segment, ...]
    risk: int
    risk_name: str
    kind: str
    emotion: Emotion | None
    flag: RiskFlag | None
    reasons: tuple[Reason, ...]
    scores: tuple[tuple[str, float], ...]
    provenance: tuple[tuple[str, str], ...]


def rows_of(session: ChatSession, views: Sequence[MessageView] | None = None) -> list[Row]:
    """A whole session, oldest first, with every flag of it marked. `views`: its messages, where opened already."""
    flags = {row.message_id: row for row in RiskFlag.objects.filter(session=session)}
    emotions = _emotions(session)
    opened = transcript(session.pk) if views is None else views
    explaining.explain_flags(opened, flags)
    return [_row(view, flags.get(view.id), emotions.get(view.id)) for view in opened]


def blind_rows(session: ChatSession, last_seq: int) -> list[Row]:
    """A session as a blind reviewer reads it: the words up to a message, and nothing of what a program thought."""
    views = [view for view in transcript(session.pk) if view.seq <= last_seq]
    return [_row(replace(view, risk_level=0, risk_kind="", provenance={}), None, None) for view in views]


def _emotions(session: ChatSession) -> dict[UUID, Emotion]:
    # Whoever said no since then is no longer guessed at, here either.
    if not may_read_emotion(session.person_id):
        return {}
    found = recent(session.person_id, "emotion", session_id=session.pk, limit=_MOST_OBSERVATIONS)
    return {view.message_id: _emotion(view.payload) for view in found if view.message_id}


def _emotion(payload: Mapping[str, Any]) -> Emotion:
    valence = float(payload.get("valence", 0.0))
    return Emotion(
        label=feeling_name(str(payload.get("label", ""))),
        valence=valence,
        arousal=float(payload.get("arousal", 0.0)),
        place=round((max(-1.0, min(1.0, valence)) + 1) * 50),
    )


def _row(view: MessageView, flag: RiskFlag | None, emotion: Emotion | None) -> Row:
    return Row(
        id=view.id,
        seq=view.seq,
        role=view.role,
        role_name=str(Message.Role(view.role).label),
        at=view.created_at,
        segments=mark(view.text, flag.evidence if flag else ()),
        risk=view.risk_level,
        risk_name=str(Level(view.risk_level).label),
        kind=kind_name(view.risk_kind) if view.risk_kind else "",
        emotion=emotion,
        flag=flag,
        reasons=reasons_of(view.text, flag.evidence) if flag else (),
        scores=tuple(sorted(flag.scores.items(), key=lambda pair: -pair[1])[:4]) if flag else (),
        provenance=flatten(view.provenance),
    )


def mark(text: str, evidence: Sequence[Mapping[str, Any]]) -> tuple[Segment, ...]:
    """Cut `text` at the bounds of the evidence; overlapping pieces carry every rule. Bounds outside are clipped.

    What speaks of the whole message marks it only where nothing narrower does: else the words that count would drown.
    """
    spans = [_span(text, item) for item in evidence]
    spans = [span for span in spans if span[0] < span[1]]
    narrow = [span for span in spans if span[1] - span[0] < len(text)]
    spans = narrow or spans
    cuts = sorted({0, len(text), *(place for span in spans for place in span[:2])})
    pieces = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        over = [span for span in spans if span[0] <= start and end <= span[1]]
        rules = ", ".join(dict.fromkeys(span[2] for span in over))
        kinds = {span[4] for span in over}
        by = "both" if len(kinds) > 1 else next(iter(kinds), "")
        pieces.append(Segment(text[start:end], rules, max((span[3] for span in over), default=0), by))
    return tuple(pieces)


def _span(text: str, item: Mapping[str, Any]) -> tuple[int, int, str, int, str]:
    start, end = max(0, int(item["start"])), min(len(text), int(item["end"]))
    return start, end, str(item["rule"]), int(item["level"]), "head" if item.get("source") == "classifier" else "rule"


def reasons_of(text: str, evidence: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Every reason of a flag, the most severe first, each once."""
    found: dict[tuple[str, str], Reason] = {}
    for item in evidence:
        start, end, name, level, by = _span(text, item)
        is_whole = end - start >= len(text) or start >= end
        found.setdefault((by, name), Reason(name, by, level, str(Level(level).label), is_whole))
    return tuple(sorted(found.values(), key=lambda reason: -reason.level))


def flatten(provenance: Mapping[str, Any], prefix: str = "") -> tuple[tuple[str, str], ...]:
    """Provenance as name and value, nested names joined by dots; empty values left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in provenance.items():
        if isinstance(value, Mapping):
            pairs.extend(flatten(value, f"{prefix}{name}."))
        elif value not in ("", None, [], ()):
            shown = f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
            pairs.append((f"{prefix}{name}", shown))
    return tuple(pairs)
