"""Other engines on the whole way: a model of our own making with an adapter, and a remote server that dies."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.people import Person
from tests.e2e.running import ROOT, Running

pytestmark = pytest.mark.e2e
SHAPE = "--width 32 --layers 1 --heads 2 --vocabulary 600 --context 1024 --steps 20 --batch 4 --window 128 --rate 0.005"
TUNING = (
    "--rank 2 --epochs 1 --batch 4 --accumulate 1 --eval-every 50 --held-share 0.2 --rate 0.01 --device cpu"
    " --no-samples"
)
NOTE_PIECES = """() => { window.pieces = []; new MutationObserver(() => {
  const text = document.querySelector('.is-draft .message-text')?.textContent;
  if (text) window.pieces.push(text);
}).observe(document.querySelector('[data-log]'), {childList: true, subtree: true, characterData: true}); }"""
FEELINGS = ("sad", "angry", "tired", "afraid", "lonely", "restless")
PEOPLE = ("boss", "sister", "mother", "friend")


def train(*arguments: str) -> None:
    command = [sys.executable, "-m", "ml.training", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A tiny language model and an adapter for it, made by the project's own commands."""
    folder = tmp_path_factory.mktemp("model")
    data, base, adapter = folder / "talks.jsonl", folder / "base", folder / "adapter"
    rows = []
    for feeling in FEELINGS:
        for person in PEOPLE:
            asked = {"role": "user", "text": f"I am {feeling} since my {person} left."}
            answered = {"role": "assistant", "text": f"That sounds {feeling}. What happened with your {person}?"}
            rows.append({"id": f"{feeling}-{person}", "lang": "en", "turns": [asked, answered]})
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    train("tiny_lm", "--data", str(data), "--out", str(base), *SHAPE.split())
    train("lora", "--base", str(base), "--data", str(data), "--out", str(adapter), *TUNING.split())
    return base, adapter


@pytest.fixture(scope="module", autouse=True)
def _no_usual_worker(running: Running) -> Iterator[None]:
    """The usual inference workers stand back while these tests run."""
    usual = [name for name in running.processes if name.startswith("inference")]
    running.stop(*usual)
    yield
    running.start(*usual)


@contextmanager
def worker_with(running: Running, **engine: str) -> Iterator[None]:
    """An inference worker with another engine."""
    before = running.environ
    running.environ = before | engine
    running.log("inference-3").unlink(missing_ok=True)
    try:
        running.start("inference-3")
        yield
    finally:
        running.stop("inference-3")
        running.environ = before


def last_reply(running: Running, session: str) -> dict[str, Any]:
    """What made the newest reply."""
    sql = "SELECT provenance FROM chat_message WHERE session_id = %s AND role = 'assistant' ORDER BY seq DESC LIMIT 1"
    found = running.query(sql, session)[0][0]
    return found if isinstance(found, dict) else dict(json.loads(str(found)))


def attempts(running: Running, session: str) -> list[tuple[object, ...]]:
    return running.query("SELECT attempt, status FROM chat_turn WHERE session_id = %s ORDER BY queued_at", session)


def test_a_model_with_an_adapter_answers(
    person: Callable[..., Person], running: Running, model: tuple[Path, Path]
) -> None:
    base, adapter = model
    with worker_with(running, LLM_BACKEND="transformers", LLM_MODEL=str(base), LLM_ADAPTER=str(adapter)):
        vera = person("vera")
        session = vera.open_chat()
        vera.page.evaluate(NOTE_PIECES)
        vera.say("I am tired since my friend left.")
        reply = vera.await_reply(seconds=60)
        made = last_reply(running, session)
        print(made, repr(reply))
        assert reply
        assert vera.page.evaluate("window.pieces.length") >= 1, "the words were seen before the message was whole"
        assert (made["engine"], made["model"], made["adapter"]) == ("transformers", str(base), str(adapter))
        assert made["finish"] in ("stop", "length") or (made["finish"] == "guard" and made["guard_rules"])

        vera.say("I want to kill myself tonight, the pills are in my hand")
        vera.await_reply(2)
        assert last_reply(running, session)["engine"] == "companion", "no free model speaks to a life in danger"
    assert attempts(running, session) == [(1, "completed"), (1, "completed")]


class DyingServer(BaseHTTPRequestHandler):
    """Says a whole sentence, begins another, and hangs up."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls += 1  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for word in ("That sounds ", "like a long ", "day. ", "What was ", "the "):
            data = json.dumps({"choices": [{"delta": {"content": word}, "finish_reason": None}]})
            self.wfile.write(f"data: {data}\n\n".encode())
            self.wfile.flush()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def dying_server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), DyingServer)
    server.calls = 0  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_server_that_dies_in_mid_reply_and_then_for_good(
    person: Callable[..., Person], running: Running, dying_server: ThreadingHTTPServer
) -> None:
    address = f"http://127.0.0.1:{dying_server.server_port}/v1"
    with worker_with(running, LLM_BACKEND="openai", LLM_MODEL="some-model", LLM_BASE_URL=address):
        will = person("will")
        session = will.open_chat()
        will.say("work was too much again today")
        reply = will.await_reply()
        assert len(reply) > 10
        assert "That sounds like a long day. What was the" not in reply
        assert last_reply(running, session)["engine"] == "companion"
        assert attempts(running, session) == [(2, "completed")]
        assert dying_server.calls == 1  # type: ignore[attr-defined]

        dying_server.shutdown()
        dying_server.server_close()
        will.say("and tomorrow will be the same")
        will.await_reply(2)
        assert last_reply(running, session)["engine"] == "companion"
        assert attempts(running, session)[1] == (1, "completed")
    assert will.numbers() == [1, 2, 3, 4, 5]


def test_a_model_that_is_not_there_is_said_and_the_companion_answers(
    person: Callable[..., Person], running: Running, tmp_path: Path
) -> None:
    with worker_with(running, LLM_BACKEND="transformers", LLM_MODEL=str(tmp_path / "nothing")):
        xena = person("xena")
        session = xena.open_chat()
        xena.say("hello, how does this work?")
        xena.await_reply()
        assert last_reply(running, session)["engine"] == "companion"
        assert "the engine could not be built" in running.log("inference-3").read_text()
