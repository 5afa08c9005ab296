"""A WebSocket to our ASGI application, without a server (channels' own communicator needs another server installed)."""

from __future__ import annotations

from typing import Any

from asgiref.testing import ApplicationCommunicator


class Socket(ApplicationCommunicator):
    """Speaks the ASGI WebSocket protocol to an application."""

    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
            "client": ["127.0.0.1", 50000],
        }
        super().__init__(application, scope)

    async def connect(self) -> bool:
        """Shake hands; True where the application accepted."""
        await self.send_input({"type": "websocket.connect"})
        return bool((await self.receive_output(timeout=10))["type"] == "websocket.accept")

    async def send_to(self, text: str) -> None:
        """Send one text frame."""
        await self.send_input({"type": "websocket.receive", "text": text})

    async def receive_from(self) -> str:
        """The next text frame."""
        frame = await self.receive_output(timeout=10)
        assert frame["type"] == "websocket.send", frame
        return str(frame["text"])

    async def disconnect(self) -> None:
        """Hang up and wait until the application has tidied up."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(timeout=10)
