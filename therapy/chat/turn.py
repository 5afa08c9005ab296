"""One turn, top to bottom in the order data flows:

context ▸ emotion ▸ risk ▸ policy ▸ prompt ▸ generate ▸ guard ▸ append.

Runs in an inference worker. It may die at any line: nothing is written before `append`, another attempt starts anew.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Consent
from accounts.selectors import ProfileView, has_consented, open_profile
from ml.types import (
    ChatTurn,
    EmotionReading,
    EngineError,
    Language,
    LanguageModel,
    PersonContext,
    ReplyChunk,
    ReplyRequest,
    RiskLevel,
)
from therapy.chat import afterwards, leases, recalling, selectors, steps, writing
from therapy.chat.leases import Claim
from therapy.chat.models import ChatSession, Message, Owner, Turn
from therapy.chat.tokens import TokenWriter
from therapy.core import domain, engines, live, metrics
from therapy.library import selectors as library
from therapy.memory import selectors as memory
from therapy.safety import hotlines
from therapy.safety import selectors as safety

logger = logging.getLogger(__name__)


CONTEXT_MESSAGES = 40  # enough for a guided skill and a look back; engines cut what does not fit


class EngineDied(Exception):
    """The engine went away in the middle of its words, or had none."""


@dataclass(slots=True)
class TurnState:
    """What the steps know so far; each step fills in its part."""

    claim: Claim
    session: ChatSession
    message: Message
    text: str
    engine_died: bool = False
    turns: tuple[ChatTurn, ...] = ()
    profile: ProfileView | None = None
    memory: tuple[str, ...] = ()
    emotion: EmotionReading | None = None
    topics: tuple[str, ...] = ()
    risk: RiskLevel = RiskLevel.NONE
    risk_kind: str = "neutral"
    risk_is_plain: bool = True
    engine: LanguageModel | None = None
    request: ReplyRequest | None = None
    reply: list[str] = field(default_factory=list)
    finish: str = ""
    strategy: str = ""
    entries: tuple[str, ...] = ()
    guard_rules: tuple[str, ...] = ()
    adapter: str = ""
    started: float = field(default_factory=time.monotonic)
    first_token: float | None = None

    @property
    def language(self) -> Language:
        """Language of the person's message: replies follow it."""
        return "zh" if self.message.language == "zh" else "en"


def run(turn_id: UUID) -> UUID | None:
    """Write one reply. Returns the next waiting turn of the session, if there is one.

    The one place that catches everything: whatever fails, the turn ends in a state that the person is told of.
    """
    claim = leases.claim(turn_id)
    if claim is None:
        return None
    logger.info("turn %s attempt %s begins", turn_id, claim.attempt)
    live.publish(live.session_group(claim.session_id), "turn", turn=str(turn_id))
    leases.keeper.hold(claim)
    try:
        state = load(claim)
        steps = (add_context, read_emotion, weigh_risk, choose_engine, build_prompt, generate, append)
        for step in (*steps, *afterwards.STEPS):
            step(state)
    except Exception as error:  # noqa: BLE001 - the named place: see the docstring
        # Type and place only: the message of an exception may hold a person's words.
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} at {place.filename}:{place.lineno}"
        logger.error("turn %s attempt %s failed: %s", turn_id, claim.attempt, what)
        metrics.TURNS_FAILED.inc()
        fail(claim, type(error).__name__)
    finally:
        leases.keeper.release(claim)
    waiting = Turn.objects.filter(session_id=claim.session_id, status=Turn.Status.QUEUED).order_by("queued_at")
    return waiting.values_list("pk", flat=True).first()


def load(claim: Claim) -> TurnState:
    """The rows of this turn."""
    turn = Turn.objects.select_related("session", "message").get(pk=claim.turn_id)
    view = selectors.open_message(turn.message, turn.session.person_id)
    return TurnState(claim, turn.session, turn.message, view.text, engine_died=turn.error == EngineDied.__name__)


def add_context(state: TurnState) -> None:
    """context: the last messages, what the person chose to tell of themselves, what they let be remembered.

    Memory is read here, at each turn, and kept nowhere else: what was deleted a moment ago is not in the prompt.
    """
    state.turns = selectors.turns_with_markers(state.session, limit=CONTEXT_MESSAGES)
    state.profile = open_profile(state.session.person_id)
    if len(state.turns) <= 1:
        recalling.sum_up_others(state.session)
    state.memory = memory.for_prompt(state.session.person_id, language=state.language)


def read_emotion(state: TurnState) -> None:
    """emotion: only where the person allowed it (RG-13)."""
    state.topics = engines.detect_topics(state.text, state.language)
    if has_consented(state.session.person_id, Consent.Purpose.EMOTION_READING):
        state.emotion = engines.read_emotion(state.text, state.language)


def weigh_risk(state: TurnState) -> None:
    """risk: the message's own level and the person's state; the highest wins.

    A state of high from earlier keeps replies careful (moderate); it keeps them on the constrained path only while
    the last messages of this conversation were themselves high, or the talk could never move on.
    """
    recent = selectors.highest_recent_risk(state.session, messages=6)
    earlier = min(safety.effective_level(state.session.person_id), max(recent, RiskLevel.MODERATE))
    state.risk = max(RiskLevel(state.message.risk_level), earlier)
    state.risk_kind = state.message.risk_kind or "neutral"
    state.risk_is_plain = safety.is_said_plainly(state.session.pk, state.session.person_id)


def choose_engine(state: TurnState) -> None:
    """policy: the companion speaks at high risk (CR-07), and where the engine cannot be had or died."""
    state.engine = engines.companion()
    if state.risk >= RiskLevel.HIGH or state.engine_died:
        return
    try:
        state.engine = engines.language_model()
    except EngineError:
        metrics.ENGINE_FALLBACKS.inc()


def build_prompt(state: TurnState) -> None:
    """prompt: everything an engine may know, in one frozen request."""
    assert state.profile is not None
    country = selectors.country_of(state.session)
    engines.use_library(library.library())
    state.request = ReplyRequest(
        request_id=f"{state.claim.turn_id}.{state.claim.attempt}",
        language=state.language,
        domain_note=domain.current().prompt.of(state.language),
        turns=state.turns,
        risk=state.risk,
        risk_kind=state.risk_kind,
        risk_is_plain=state.risk_is_plain,
        emotion=state.emotion.label if state.emotion else "neutral",
        person=PersonContext(
            name=state.profile.name,
            pronouns=state.profile.pronouns,
            country=country,
            goals=state.profile.goal_list,
            plan_steps=steps.steps_for_prompt(state.session),
        ),
        memory=state.memory,
        passages=engines.passages(state.text, state.language),
        crisis_line=hotlines.crisis_line_text(country, state.language),
        emergency_number=hotlines.emergency_number(country, state.language),
        used_entries=selectors.used_entries(state.session),
        deadline_seconds=float(settings.TURN_DEADLINE_SECONDS),
        seed=state.claim.turn_id.int & 0x7FFFFFFF,
    )


def generate(state: TurnState) -> None:
    """generate ▸ guard: stream the reply through the guard to the sockets, piece by piece."""
    assert state.request is not None
    assert state.engine is not None
    writer = TokenWriter(state.claim.turn_id, state.session.person_id, state.claim.attempt)
    for chunk in guarded_chunks(state, state.engine):
        if chunk.text:
            note_first_token(state)
            state.reply.append(chunk.text)
            writer.write(chunk.text)
        if chunk.finish:
            state.guard_rules, state.adapter = engines.broken_rules(chunk), chunk.adapter
            state.finish, state.strategy, state.entries = chunk.finish, chunk.strategy, chunk.entries
    writer.flush()
    if not state.reply and not state.claim.cancelled.is_set():
        raise EngineDied


def guarded_chunks(state: TurnState, engine: LanguageModel) -> Iterator[ReplyChunk]:
    """The reply of `engine`, vetted; the companion's where the engine is away before it said anything."""
    assert state.request is not None
    request, is_cancelled = state.request, state.claim.cancelled.is_set
    try:
        vetted = engines.guarded(engine.stream(request, is_cancelled), request)
        yield from writing.paced(vetted, engine.info().engine, is_cancelled)
    except EngineError as error:
        if engine is engines.companion():
            raise
        logger.warning("engine away (%s): the companion answers turn %s", type(error).__name__, state.claim.turn_id)
        metrics.ENGINE_FALLBACKS.inc()
        state.engine = engines.companion()
        if state.reply:
            # Half a sentence from an engine that died is no reply: the companion begins anew at the next attempt.
            raise EngineDied from error
        yield from guarded_chunks(state, state.engine)


def note_first_token(state: TurnState) -> None:
    """Remember when the person first saw words."""
    if state.first_token is None:
        state.first_token = time.monotonic()
        Turn.objects.filter(pk=state.claim.turn_id, attempt=state.claim.attempt).update(first_token_at=timezone.now())


def provenance(state: TurnState) -> dict[str, object]:
    """Everything that made this reply, without a word of it (RG-18).

    What was read of the person (emotion, topics) is not here: it is kept sealed, in observations.
    """
    assert state.engine is not None
    now = time.monotonic()
    return {
        # The adapter that wrote these words: the engine may have changed it since.
        **(asdict(state.engine.info()) | ({"adapter": state.adapter} if state.adapter else {})),
        "strategy": state.strategy,
        "entries": list(state.entries),
        "sources": list(engines.sources(state.request, "".join(state.reply), state.entries)) if state.request else [],
        "finish": state.finish,
        "guard_rules": list(state.guard_rules),
        "emotion_version": state.emotion.version if state.emotion else "",
        "risk": int(state.risk),
        "risk_version": state.message.provenance.get("detector", ""),
        "attempt": state.claim.attempt,
        "first_token_ms": round(1000 * ((state.first_token or now) - state.started)),
        "total_ms": round(1000 * (now - state.started)),
    }


@transaction.atomic
def append(state: TurnState) -> None:
    """append: write the reply, if this attempt still holds the turn and the assistant still owns the session."""
    session = ChatSession.objects.select_for_update().get(pk=state.session.pk)
    turn = Turn.objects.select_for_update().get(pk=state.claim.turn_id)
    if turn.status != Turn.Status.RUNNING or turn.attempt != state.claim.attempt:
        return
    taken_over = session.epoch != state.claim.epoch or session.owner != Owner.ASSISTANT
    text = "".join(state.reply).strip()
    if taken_over:
        turn.status = Turn.Status.SUPERSEDED
    elif turn.stop_requested or state.claim.reason == "stopped":
        turn.status = Turn.Status.STOPPED
    elif not text:
        turn.status, turn.error = Turn.Status.FAILED, "empty_reply"
    else:
        turn.status = Turn.Status.COMPLETED
    if text and not taken_over:
        turn.reply = writing.append_reply(session, text, state.language, provenance(state))
        afterwards.record_observations(state)
    turn.finished_at = timezone.now()
    turn.lease_until = None
    turn.save(update_fields=["status", "error", "reply", "finished_at", "lease_until"])
    live.publish_on_commit(live.session_group(session.pk), "turn", turn=str(turn.pk))
    metrics.TURNS.labels(status=turn.status).inc()


def fail(claim: Claim, error: str) -> None:
    """Give the turn back for another attempt, or end it as failed."""
    mine = Turn.objects.filter(pk=claim.turn_id, status=Turn.Status.RUNNING, attempt=claim.attempt)
    if leases.is_last_attempt(claim.attempt):
        mine.update(status=Turn.Status.FAILED, error=error[:40], finished_at=timezone.now(), lease_until=None)
    else:
        mine.update(status=Turn.Status.QUEUED, error=error[:40], dispatched_at=None, lease_until=None)
    live.publish(live.session_group(claim.session_id), "turn", turn=str(claim.turn_id))
