"""Frozen values that cross the border between `ml` and the rest; next to no behaviour, no heavy imports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, Protocol

Language = Literal["en", "zh"]
Role = Literal["user", "assistant", "counsellor", "system"]
Source = Literal["rule", "classifier", "llm", "state", "fault"]
FinishReason = Literal["stop", "length", "cancelled", "deadline", "guard"]


# Texts of system turns that mark where a counsellor began and ceased to speak in place of the engine.
HUMAN_CAME, HUMAN_LEFT = "human_came", "human_left"


class RiskLevel(IntEnum):
    """Response level owed in this turn; rules in docs/safety.md. Ordered, so `max` is fusion."""

    NONE = 0
    LOW = 1
    MODERATE = 2
    HIGH = 3
    IMMINENT = 4

    @property
    def label(self) -> str:
        """Lower-case name, as used in data files and frames."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One message of a conversation, oldest first in sequences."""

    role: Role
    text: str


def follows_human(turns: Sequence[ChatTurn]) -> bool:
    """Whether a counsellor has left and the engine has not spoken since: its next reply must know of that."""
    for turn in reversed(turns):
        if turn.role == "assistant":
            return False
        if turn.role == "system" and turn.text == HUMAN_LEFT:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a level was given: a rule id or head name and character offsets into the original text.

    Holds no words: the text stays sealed and is cut out again only where it may be read.
    """

    source: Source
    rule: str
    level: RiskLevel
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RiskAssessment:
    """Risk of one message in its context. `scores` are probabilities in [0, 1] by head name."""

    level: RiskLevel
    kind: str
    language: Language
    version: str
    scores: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    @property
    def is_plain(self) -> bool:
        """True where danger was not only guessed: it is high, or more than the learned reader speaks for it."""
        return said_plainly(self.level, [(item.source, item.level) for item in self.evidence])


def said_plainly(level: int, evidence: Iterable[tuple[str, int]]) -> bool:
    """The same from source and level of each piece of evidence, as they are stored."""
    is_settled = any(source != "classifier" and found >= RiskLevel.MODERATE for source, found in evidence)
    return level >= RiskLevel.HIGH or is_settled


@dataclass(frozen=True, slots=True)
class EmotionReading:
    """Emotion of one message. `scores`: label → probability in [0, 1]; valence and arousal in [-1, 1].

    `scores` are the 28 GoEmotions for English; `feelings` are the 12 that the reply bank knows, in both languages.
    """

    label: str
    scores: Mapping[str, float]
    valence: float
    arousal: float
    language: Language
    version: str
    feelings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonContext:
    """What a reply may know of the person; every field is theirs to see, edit and delete."""

    name: str = ""
    pronouns: str = ""
    country: str = ""
    goals: tuple[str, ...] = ()
    plan_steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a reviewed text that a reply may rest on; `title` is what the person sees as its source."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """All that an engine needs to write one reply. Limits: tokens are the engine's own; seconds are wall time.

    `memory`: sentences of earlier talks that the person allowed to be remembered, the most important first.
    `passages`: what the library says on a question of fact in the last message, the best first.
    """

    request_id: str
    language: Language
    turns: tuple[ChatTurn, ...]
    risk: RiskLevel = RiskLevel.NONE
    risk_kind: str = "neutral"
    # False where nothing but the learned reader found danger, and at moderate: to be asked about, not to be assumed.
    risk_is_plain: bool = True
    emotion: str = "neutral"
    person: PersonContext = PersonContext()
    memory: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    domain_note: str = ""  # from the domain pack of the installation: who mostly writes here
    crisis_line: str = ""
    emergency_number: str = ""
    used_entries: frozenset[str] = frozenset()
    max_tokens: int = 220
    temperature: float = 0.7
    top_p: float = 0.9
    deadline_seconds: float = 60.0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyChunk:
    """A piece of a streamed reply. The last one carries `finish` and, if the engine has them, `entries` used.

    `adapter`: in the last one, the adapter that wrote it, where the engine may change adapters between replies.
    """

    text: str
    finish: FinishReason | None = None
    strategy: str = ""
    entries: tuple[str, ...] = ()
    tokens: int = 0
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What is stored with every assistant message. `adapter` is empty where none is loaded."""

    engine: str
    model: str
    adapter: str = ""
    prompt_version: str = ""


class LanguageModel(Protocol):
    """A way to speak. Implementations are safe to call from several threads at once."""

    def info(self) -> EngineInfo:
        """Identity of the engine, its model, adapter and prompt version."""

    def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        """Yield chunks until one carries `finish`.

        Raises:
            EngineUnavailable: the engine cannot serve at all.
            EngineTimeout: the deadline passed before the first chunk.
        """

    def close(self) -> None:
        """Free the model; the engine is not used afterwards."""


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """Outcome of the output guard on one text: rule ids that objected (empty: allowed)."""

    rules: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """True where no rule objected."""
        return not self.rules


class EngineError(Exception):
    """Base of everything an engine may raise."""


class EngineUnavailable(EngineError):
    """The engine cannot serve now (not loaded, fatal error, remote server away)."""


class EngineTimeout(EngineError):
    """The engine did not answer within the deadline."""


class PromptTooLong(EngineError):
    """The prompt does not fit the engine's context and was refused before reaching it."""
