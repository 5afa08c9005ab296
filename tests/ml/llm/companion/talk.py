"""Talks with the companion in tests: one conversation, message after message, with the risk given by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from ml.llm.companion import Companion
from ml.types import ChatTurn, Language, PersonContext, ReplyChunk, ReplyRequest, RiskLevel

LINES = {"en": ("988", "911"), "zh": ("12356", "120")}


@dataclass
class Talk:
    """A conversation; `say` gives the reply and keeps it."""

    language: Language = "en"
    seed: int = 1
    person: PersonContext = PersonContext()
    memory: tuple[str, ...] = ()
    turns: list[ChatTurn] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    last: ReplyChunk = ReplyChunk("")

    def say(
        self,
        text: str,
        *,
        risk: RiskLevel = RiskLevel.NONE,
        kind: str = "neutral",
        is_plain: bool = True,
        emotion: str = "neutral",
    ) -> str:
        self.turns.append(ChatTurn("user", text))
        line, emergency = LINES[self.language]
        request = ReplyRequest(
            request_id=f"r{len(self.turns)}",
            language=self.language,
            turns=tuple(self.turns),
            risk=risk,
            risk_kind=kind,
            risk_is_plain=is_plain,
            emotion=emotion,
            person=self.person,
            memory=self.memory,
            crisis_line=line,
            emergency_number=emergency,
            used_entries=frozenset(self.used),
            seed=self.seed,
        )
        chunks = list(Companion().stream(request, lambda: False))
        self.last = chunks[-1]
        self.used.extend(self.last.entries)
        reply = "".join(chunk.text for chunk in chunks)
        self.replies.append(reply)
        self.turns.append(ChatTurn("assistant", reply))
        return reply
