"""The chat socket: parse a frame, call one service, answer. Replays what was missed, follows the open reply."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import translation

from accounts.errors import KeyFault
from therapy.chat import frames, socket_reads
from therapy.chat import services as chat
from therapy.chat.feed import Feed
from therapy.chat.follow import ReplyFollower
from therapy.chat.frames import BadFrame, Dispute, Frame, Join, Ping, Retry, Send, Stop, Typing
from therapy.chat.late_help import LateHelp
from therapy.chat.socket_reads import Snapshot
from therapy.core.errors import DATABASE_FAULTS, ApplicationError
from therapy.core.threads import in_thread
from therapy.safety import services as safety

logger = logging.getLogger(__name__)

CLOSE_SIGNED_OUT = 4401
CLOSE_HOSTILE = 4400
_HOSTILE_FRAMES = 5
_TICK_SECONDS = 2.0
_IDLE_TICKS = 8
_TYPING_SECONDS = 1.0


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One browser tab. Shows one session at a time; holds no words once they are sent."""

    # Channels would tie the socket's life to Redis; `Feed` subscribes and can do without.
    channel_layer_alias = None

    async def connect(self) -> None:
        """Accept a signed-in person; tell others to sign in."""
        self.user = self.scope.get("user")
        self.spoken = "en"
        self.late_help = LateHelp(self.say)
        self.session_id: UUID | None = None
        self.shown_seq = self.own_seq = 0
        self.hostile = 0
        self.typed_at = 0.0
        self.last: Snapshot | None = None
        self.sending = asyncio.Lock()
        self.follower = ReplyFollower(self.say)
        self.feed = Feed(self.notice)
        self.ticker: asyncio.Task[None] | None = None
        await self.accept()
        if self.user is None or not self.user.is_authenticated:
            await self.refuse("signed_out")
            return
        self.spoken = self.late_help.language = await self.language()
        self.ticker = asyncio.create_task(self.tick())

    async def disconnect(self, code: int) -> None:
        """Leave the group, stop following."""
        if self.ticker:
            self.ticker.cancel()
        await self.follower.close()
        await self.feed.tell("gone")
        await self.feed.close()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame from the browser."""
        try:
            frame = frames.parse(text_data, max_bytes=settings.CHAT_MAX_FRAME_BYTES)
        except BadFrame as error:
            await self.answer_bad(error)
            return
        # The language last known: a frame must be answered with the database away, too.
        with translation.override(self.spoken):
            await self.handle(frame)

    async def answer_bad(self, error: BadFrame) -> None:
        """An error frame; the socket closes only on repeated rubbish."""
        self.hostile += error.hostile
        if self.hostile >= _HOSTILE_FRAMES:
            await self.close(CLOSE_HOSTILE)
            return
        text = frames.error_text("too_long" if error.code == "frame_too_large" else error.code)
        await self.say("error", code=error.code, text=text)

    async def handle(self, frame: Frame) -> None:
        """Carry out one frame; whatever goes wrong, the person gets a sentence."""
        client_id = str(frame.client_id) if isinstance(frame, Send) else None
        if isinstance(frame, Send):
            self.late_help.watch(frame.text)
        try:
            # Ping and typing read and write nothing, and must not hold up a message where the database is slow.
            is_idle = isinstance(frame, Ping | Typing)
            if not is_idle and not await in_thread(socket_reads.may_chat)(self.scope):
                await self.show_card_for_refused(frame)
                await self.refuse("signed_out", client_id=client_id)
                return
            await self.carry_out(frame)
        except ApplicationError as error:
            await self.show_card_for_refused(frame)
            await self.say("error", code=error.code, text=str(error.text), client_id=client_id)
        except (*DATABASE_FAULTS, KeyFault) as error:
            logger.warning("chat frame not carried out: %s", type(error).__name__)
            await self.say("error", code="unavailable", text=frames.error_text("unavailable"), client_id=client_id)
            await self.late_help.shown()
        finally:
            self.late_help.settle()

    async def carry_out(self, frame: Frame) -> None:
        """One service per frame."""
        match frame:
            case Join():
                await self.join(frame)
            case Send():
                await self.send_message(frame)
            case Stop():
                await in_thread(chat.stop_turn)(person_id=self.user.pk, turn_id=frame.turn)
            case Retry():
                await in_thread(chat.retry_turn)(person_id=self.user.pk, turn_id=frame.turn)
                await self.refresh()
            case Dispute():
                await in_thread(safety.dispute_flag)(person_id=self.user.pk, flag_id=frame.flag)
                await self.show_card()
            case Typing():
                await self.tell_typing()
            case Ping():
                await self.say("pong")

    async def tell_typing(self) -> None:
        """Tell the other tabs, once a second at most however fast the frames come."""
        now = asyncio.get_running_loop().time()
        if now - self.typed_at >= _TYPING_SECONDS:
            self.typed_at = now
            await self.feed.tell("typing", role="user")

    async def join(self, frame: Join) -> None:
        """Subscribe first, then replay since n: nothing can fall between."""
        snapshot = await in_thread(socket_reads.snapshot)(self.user.pk, frame.session)
        if snapshot is None:
            raise ApplicationError("not_found", frames.error_text("not_found"))
        self.session_id, self.shown_seq, self.last = frame.session, frame.since, None
        self.late_help.language, self.late_help.country = snapshot.language, snapshot.chosen_country
        await self.feed.follow(frame.session)
        await self.feed.tell("here")
        await self.say(
            "joined",
            session=str(frame.session),
            last_seq=snapshot.last_seq,
            owner=snapshot.speaker.owner,
            language=snapshot.language,
        )
        await self.show_card()
        self.own_seq = snapshot.last_seq
        await self.refresh()

    async def send_message(self, frame: Send) -> None:
        """Write, acknowledge, show the card if one is owed, and only then ask for the reply."""
        if self.session_id is None:
            raise ApplicationError("not_found", frames.error_text("not_found"))
        posted = await in_thread(chat.post_message)(
            person_id=self.user.pk, session_id=self.session_id, client_id=frame.client_id, text=frame.text
        )
        turn = str(posted.turn_id) if posted.turn_id else None
        await self.say(
            "accepted", client_id=str(frame.client_id), id=str(posted.message.id), seq=posted.message.seq, turn=turn
        )
        await self.show_card()
        # A card of the text alone must not come after the one that was kept: it would take its place.
        self.late_help.settle()
        self.own_seq = posted.message.seq
        if posted.turn_id and not posted.is_repeat:
            await in_thread(chat.dispatch_turn)(turn_id=posted.turn_id)
        await self.refresh()

    async def show_card(self) -> None:
        """The crisis card owed in this session, if any."""
        if self.session_id is not None:
            card = await in_thread(socket_reads.card)(self.user.pk, self.session_id)
            await self.say("card", card=card)

    async def show_card_for_refused(self, frame: Frame) -> None:
        """A message that was refused (too long, too fast, signed out, nowhere to go) is screened all the same.

        Help is never rate-limited, and comes before the reason: after that the socket may close.
        """
        if isinstance(frame, Send):
            await self.late_help.show(frame.text)

    async def refresh(self) -> None:
        """Send every message not yet shown, in order, and the state of the reply owed."""
        if self.session_id is None:
            return
        async with self.sending:
            session_id = self.session_id
            snapshot = await in_thread(socket_reads.snapshot)(self.user.pk, session_id)
            if snapshot is None:
                return
            await self.show_owner(snapshot)
            while self.shown_seq < snapshot.last_seq:
                batch = await in_thread(socket_reads.messages)(self.user.pk, session_id, self.shown_seq)
                for message in batch:
                    await self.say("message", **message)
                    self.shown_seq = max(self.shown_seq, int(str(message["seq"])))
                if not batch:
                    break
                # Written in another tab: the card it raised belongs here, too, with or without a notice.
                if any(message["role"] == "user" and int(str(message["seq"])) > self.own_seq for message in batch):
                    await self.show_card()
            await self.show_turn(snapshot)

    async def show_owner(self, snapshot: Snapshot) -> None:
        """Who speaks, where that changed; once a human does, no piece of a reply leaves any more."""
        if not snapshot.is_assistant:
            await self.follower.close()
        if self.last is None or self.last.speaker != snapshot.speaker:
            await self.say("owner", **snapshot.speaker.as_frame())

    async def show_turn(self, snapshot: Snapshot) -> None:
        """Status of the newest turn, where it changed or still waits; follow it while it is open."""
        if snapshot.turn is None:
            self.last = snapshot
            return
        changed = self.last is None or self.last.turn is None or self.last.turn.status != snapshot.turn.status
        changed = changed or self.last.turn.id != snapshot.turn.id if self.last and self.last.turn else changed
        self.last = snapshot
        if snapshot.turn.is_open and snapshot.is_assistant:
            self.follower.follow(snapshot.turn.id, self.user.pk)
        else:
            await self.follower.close()
        if changed or snapshot.turn.is_open:
            note = await self.follower.note(snapshot.turn)
            await self.say("turn", **snapshot.turn.as_frame(), note=note)

    async def tick(self) -> None:
        """Every 2 s while a reply is owed or Redis is away, else every 16 s: catch up, check the sign-in."""
        count = 0
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            count += 1
            is_waiting = self.last is not None and self.last.turn is not None and self.last.turn.is_open
            # Whether the counsellor is still there, and whether they were relieved, is worth a look as often.
            is_waiting = is_waiting or (self.last is not None and not self.last.is_assistant and count % 3 == 0)
            if not (is_waiting or not self.feed.is_live or count % _IDLE_TICKS == 0):
                continue
            try:
                if not await in_thread(socket_reads.may_chat)(self.scope):
                    await self.refuse("signed_out")
                    return
                if self.session_id is not None and not self.feed.is_live:
                    await self.feed.follow(self.session_id)
                self.spoken = await self.language()
                with translation.override(self.spoken):
                    await self.refresh()
            except (*DATABASE_FAULTS, KeyFault) as error:
                logger.warning("chat socket did not catch up: %s", type(error).__name__)

    async def notice(self, event: dict[str, Any]) -> None:
        """Something changed in the session: ids only, the rest is read from the database."""
        if event["notice"] == "typing":
            await self.say("typing", role=event.get("role", "user"), name=event.get("name", ""))
            return
        if event["notice"] in ("here", "gone", "who_is_there"):
            if event["notice"] == "who_is_there":
                await self.feed.tell("here")
            return
        try:
            with translation.override(self.spoken):
                if event["notice"] == "card":
                    await self.show_card()
                await self.refresh()
        except (*DATABASE_FAULTS, KeyFault) as error:
            logger.warning("chat notice not followed: %s", type(error).__name__)

    # --- answering -------------------------------------------------------------------------------------------------
    async def language(self) -> str:
        """Language of the person's interface."""
        return await in_thread(socket_reads.language)(self.user.pk) if self.user else "en"

    async def say(self, kind: str, **fields: object) -> None:
        """One frame to the browser."""
        await self.send(text_data=frames.answer(kind, **fields))

    async def refuse(self, code: str, *, client_id: str | None = None) -> None:
        """Say why, then close; `client_id` is that of a message which was not kept."""
        text = frames.error_text(f"{code}_unsent" if client_id else code)
        await self.say("error", code=code, text=text, client_id=client_id)
        await self.close(CLOSE_SIGNED_OUT)
