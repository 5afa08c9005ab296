"""One streamed request to an OpenAI-compatible server, read in a thread of its own so that the caller can walk away."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ml.config import EngineConfig

MAX_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that came; `finish` is the server's own word for why the reply ended."""

    text: str
    finish: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """The request came to nothing. `status` is 0 where there was no answer at all. Never holds the server's text,
    which may repeat the person's words."""

    reason: str
    status: int = 0

    @property
    def is_permanent(self) -> bool:
        """True where asking again cannot help: the server understood and refused."""
        return 400 <= self.status < 500 and self.status not in (408, 425, 429)


class StreamedCall:
    """Starts at once; `take` gives what has come; `close` ends it from any thread, also in the middle of a read."""

    def __init__(self, config: EngineConfig, payload: dict[str, Any]) -> None:
        self._config = config
        self._body = json.dumps(payload).encode()
        self._events: queue.SimpleQueue[Piece | Failure] = queue.SimpleQueue()
        self._socket: socket.socket | None = None
        self._is_closed = False
        threading.Thread(target=self._run, name="openai-call", daemon=True).start()

    def take(self, seconds: float) -> Piece | Failure | None:
        """The next event, or None after `seconds` of silence."""
        try:
            return self._events.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def close(self) -> None:
        """Hang up; the server sees it and stops generating."""
        self._is_closed = True
        _hang_up(self._socket)

    def _run(self) -> None:
        connection = self._connection()
        try:
            self._talk(connection)
        except (OSError, http.client.HTTPException, ValueError, AttributeError, LookupError, TypeError) as error:
            # The last four: a stream that is not what the protocol says.
            self._events.put(Failure(f"the server broke off ({type(error).__name__})"))
        finally:
            connection.close()
            _hang_up(self._socket)

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._config.base_url)
        host, timeout = parts.hostname or "", self._config.connect_timeout
        if parts.scheme == "https":
            return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, parts.port, timeout=timeout)

    def _talk(self, connection: http.client.HTTPConnection) -> None:
        connection.connect()
        self._socket = connection.sock
        if self._is_closed:
            return
        connection.sock.settimeout(self._config.read_timeout)
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream", "Connection": "close"}
        if self._config.api_key:
            headers["Authorization"] = f"Bearer {self._config.api_key}"
        path = urlsplit(self._config.base_url).path.rstrip("/") + "/chat/completions"
        connection.request("POST", path, self._body, headers)
        response = connection.getresponse()
        if response.status != 200:
            self._events.put(Failure(f"the server answered {response.status}", _status(response)))
            return
        self._read(response)

    def _read(self, response: http.client.HTTPResponse) -> None:
        """Server-sent events up to `[DONE]`; an end without it, or without a finish reason, is a failure."""
        is_finished = False
        while line := response.readline(MAX_LINE):
            data = line.decode("utf-8").strip()
            if not data.startswith("data:"):
                continue
            data = data.removeprefix("data:").strip()
            if data == "[DONE]":
                break
            piece = _piece(json.loads(data))
            is_finished = is_finished or bool(piece.finish)
            self._events.put(piece)
        if not is_finished:
            self._events.put(Failure("the server ended in mid-reply"))


def _status(response: http.client.HTTPResponse) -> int:
    """The status; 413 also where the server says with a plain 400 that the context is too short (vLLM)."""
    is_too_long = response.status == 400 and b"context" in response.read(8192).lower()
    return 413 if is_too_long else response.status


def _piece(event: dict[str, Any]) -> Piece:
    choices = event.get("choices") or [{}]
    delta = choices[0].get("delta") or {}
    return Piece(delta.get("content") or "", choices[0].get("finish_reason") or "")


def _hang_up(connected: socket.socket | None) -> None:
    if connected is None:
        return
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed already
    finally:
        connected.close()
