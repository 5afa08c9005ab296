"""The counsellor's socket to one conversation: follows it, and writes in it while they are the one who speaks."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import translation

from accounts.errors import KeyFault
from accounts.models import User
from therapy.chat import frames, socket_reads, takeover
from therapy.chat.feed import Feed
from therapy.chat.frames import BadFrame, Frame, Join, Ping, Send, Typing
from therapy.core.errors import DATABASE_FAULTS, ApplicationError
from therapy.core.threads import in_thread
from therapy.review import live
from therapy.review.live import LiveState

logger = logging.getLogger(__name__)

CLOSE_NO_LONGER = 4401
_TICK_SECONDS = 5.0
# The page pings every 10 s, in a hidden tab once a minute; after this it counts as gone although the socket stands.
_HEARD_WITHIN = 75.0
_TYPING_SECONDS = 1.0


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One page of one counsellor. Holds no words once they are sent."""

    # Channels would tie the socket's life to Redis; `Feed` subscribes and can do without.
    channel_layer_alias = None

    async def connect(self) -> None:
        """Accept staff that may be at the desk; tell others to sign in."""
        self.session_id: UUID | None = None
        self.shown_seq = 0
        self.last: LiveState | None = None
        self.typed_at = 0.0
        self.heard_at = asyncio.get_running_loop().time()
        self.spoken = "en"
        self.sending = asyncio.Lock()
        self.feed = Feed(self.notice)
        self.ticker: asyncio.Task[None] | None = None
        await self.accept()
        person = self.scope.get("user")
        if person is None or not person.is_authenticated:
            await self.close(CLOSE_NO_LONGER)
            return
        self.spoken = await in_thread(socket_reads.language)(person.pk)
        self.ticker = asyncio.create_task(self.tick())

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        if self.ticker:
            self.ticker.cancel()
        await self.feed.close()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame from the page; whatever goes wrong, the counsellor gets a sentence."""
        self.heard_at = asyncio.get_running_loop().time()
        frame: Frame | None = None
        try:
            frame = frames.parse(text_data, max_bytes=settings.CHAT_MAX_FRAME_BYTES)
            user = await self.enter(frame)
            if user is not None:
                with translation.override(self.spoken):
                    await self.carry_out(frame, user)
        except BadFrame as error:
            await self.say("error", code=error.code, text=frames.error_text(error.code))
        except ApplicationError as error:
            client_id = str(frame.client_id) if isinstance(frame, Send) else None
            await self.say("error", code=error.code, text=str(error.text), client_id=client_id)
        except (*DATABASE_FAULTS, KeyFault) as error:
            logger.warning("live frame not carried out: %s", type(error).__name__)
            await self.say("error", code="unavailable", text=frames.error_text("unavailable"))

    async def enter(self, frame: Frame) -> User | None:
        """Who sits here, checked anew at every frame; None (and the socket closed) where they may not."""
        is_active = isinstance(frame, Send | Typing)
        session_id = frame.session if isinstance(frame, Join) else self.session_id
        user = await in_thread(live.staff_of)(self.scope, is_active=is_active)
        if user is None or (session_id and not await in_thread(live.may_stay)(user, session_id)):
            await self.say("error", code="signed_out", text=frames.error_text("signed_out"))
            await self.close(CLOSE_NO_LONGER)
            return None
        return user

    async def carry_out(self, frame: Frame, user: User) -> None:
        """One step per frame."""
        match frame:
            case Join():
                await self.join(frame, user)
            case Send() if self.session_id is not None:
                view = await in_thread(takeover.say)(
                    user=user, session_id=self.session_id, client_id=frame.client_id, text=frame.text
                )
                await self.say("accepted", client_id=str(frame.client_id), seq=view.seq)
                await self.refresh(user)
            case Typing():
                await self.tell_typing(user)
            case Ping():
                await self.say("pong")
            case _:
                raise BadFrame("unknown_type")

    async def join(self, frame: Join, user: User) -> None:
        """Subscribe first, then replay since n: nothing can fall between."""
        self.session_id, self.shown_seq, self.last = frame.session, frame.since, None
        await self.feed.follow(frame.session)
        await self.say("joined", session=str(frame.session))
        await self.refresh(user)
        await self.feed.tell("who_is_there")

    async def tell_typing(self, user: User) -> None:
        """Tell the person, once a second at most, and only while this counsellor speaks."""
        now = asyncio.get_running_loop().time()
        if self.last is not None and self.last.is_mine and now - self.typed_at >= _TYPING_SECONDS:
            self.typed_at = now
            await self.feed.tell("typing", role="counsellor", name=user.username)

    async def refresh(self, user: User) -> None:
        """Every message not yet shown, in order, and who speaks."""
        if self.session_id is None:
            return
        async with self.sending:
            state = await in_thread(live.state_of)(user, self.session_id)
            if state is None:
                return
            while self.shown_seq < state.last_seq:
                batch = await in_thread(live.messages)(self.session_id, self.shown_seq)
                for message in batch:
                    await self.say("message", **message)
                    self.shown_seq = max(self.shown_seq, int(str(message["seq"])))
                if not batch:
                    break
            if state != self.last:
                await self.say("owner", **state.as_frame())
            self.last = state

    async def tick(self) -> None:
        """Catch up, stay checked, and keep the conversation while the page gives signs of life."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if self.session_id is None:
                continue
            try:
                user = await self.enter(Ping())
                if user is None:
                    return
                if asyncio.get_running_loop().time() - self.heard_at < _HEARD_WITHIN:
                    await in_thread(takeover.keep_alive)(user=user, session_id=self.session_id)
                if not self.feed.is_live:
                    await self.feed.follow(self.session_id)
                with translation.override(self.spoken):
                    await self.refresh(user)
            except (*DATABASE_FAULTS, KeyFault) as error:
                logger.warning("live socket did not catch up: %s", type(error).__name__)

    async def notice(self, event: dict[str, Any]) -> None:
        """Something changed in the conversation: ids only, the rest is read from the database."""
        if event["notice"] in ("typing", "here", "gone"):
            await self.say(event["notice"], role=event.get("role", "user"), name=event.get("name", ""))
            if event["notice"] == "gone":
                # One tab of several may have closed: those that are left answer.
                await self.feed.tell("who_is_there")
            return
        if event["notice"] == "who_is_there":
            return
        try:
            user = await self.enter(Ping())
            if user is not None:
                with translation.override(self.spoken):
                    await self.refresh(user)
        except (*DATABASE_FAULTS, KeyFault) as error:
            logger.warning("live notice not followed: %s", type(error).__name__)

    async def say(self, kind: str, **fields: object) -> None:
        """One frame to the page."""
        await self.send(text_data=frames.answer(kind, **fields))
