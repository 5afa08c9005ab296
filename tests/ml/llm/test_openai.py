"""The remote engine against a real HTTP server on this machine that speaks the protocol, well and badly."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ml.config import EngineConfig
from ml.llm.openai import Breaker, OpenAIEngine
from ml.types import ChatTurn, EngineTimeout, EngineUnavailable, PromptTooLong, ReplyRequest

REQUEST = ReplyRequest("request", "en", (ChatTurn("user", "I am sad."),), deadline_seconds=10, max_tokens=20, seed=4)
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Plays the next answer of the server's script."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, self.headers, body))
        script = self.server.script
        (script.pop(0) if len(script) > 1 else script[0])(self)

    def start(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def line(self, text: str) -> None:
        data = f"{text}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def delta(self, text: str, finish: str | None = None) -> None:
        self.line("data: " + json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": finish}]}))

    def end(self) -> None:
        self.line("data: [DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args: object) -> None:
        """Quiet."""


def fine(handler: Handler) -> None:
    handler.start()
    handler.line(": a comment, as proxies send to keep the line open")
    handler.line("data: " + json.dumps({"choices": [{"delta": {"role": "assistant"}}]}))
    for word in ("I hear ", "你", " well."):
        handler.delta(word)
    handler.delta("", "stop")
    handler.line('data: {"choices": [], "usage": {"completion_tokens": 3}}')
    handler.end()


def dies_in_mid_reply(handler: Handler) -> None:
    handler.start()
    handler.delta("I hear ")
    handler.close_connection = True
    handler.connection.close()


def ends_without_a_reason(handler: Handler) -> None:
    handler.start()
    handler.delta("I hear ")
    handler.end()


def status(code: int, body: str = "") -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body.encode())

    return answer


def silent(handler: Handler) -> None:
    handler.start()
    time.sleep(3)


def endless(handler: Handler) -> None:
    handler.start()
    try:
        while True:
            handler.delta("on ")
            time.sleep(0.02)
    except OSError:
        handler.server.hung_up.set()
        handler.close_connection = True


def nonsense(handler: Handler) -> None:
    handler.start()
    handler.line("data: {not json")


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    made.seen, made.script, made.hung_up = [], [fine], threading.Event()
    made.handle_error = lambda *_: None
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def engine(server) -> OpenAIEngine:
    return OpenAIEngine(config_of(server))


def config_of(server: ThreadingHTTPServer) -> EngineConfig:
    url = f"http://127.0.0.1:{server.server_address[1]}/v1/"
    return EngineConfig(
        backend="openai", model="base", base_url=url, api_key="key", read_timeout=5.0, connect_timeout=5.0
    )


def run(engine: OpenAIEngine, request: ReplyRequest = REQUEST) -> tuple[str, str | None]:
    chunks = list(engine.stream(request, lambda: False))
    return "".join(chunk.text for chunk in chunks), chunks[-1].finish


def test_streams_the_reply(engine):
    chunks = list(engine.stream(REQUEST, lambda: False))
    assert [chunk.text for chunk in chunks] == ["I hear ", "你", " well.", ""]
    assert [chunk.finish for chunk in chunks] == [None, None, None, "stop"]


def test_asks_as_the_protocol_wants(engine, server):
    run(engine)
    path, headers, body = server.seen[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer key"
    assert (body["model"], body["stream"], body["max_tokens"], body["seed"]) == ("base", True, 20, 4)
    assert body["messages"][-1] == {"role": "user", "content": "<person>I am sad.</person>"}


@pytest.mark.parametrize("first", [status(503), status(429), nonsense, ends_without_a_reason])
def test_a_failure_before_the_first_word_is_tried_once_more(engine, server, first):
    if first is ends_without_a_reason:
        first = lambda handler: (handler.start(), handler.end())  # noqa: E731
    server.script = [first, fine]
    assert run(engine) == ("I hear 你 well.", "stop")
    assert len(server.seen) == 2


@pytest.mark.parametrize("way", [dies_in_mid_reply, ends_without_a_reason])
def test_a_server_that_goes_in_mid_reply_is_an_error_and_not_asked_again(engine, server, way):
    server.script = [way]
    stream = engine.stream(REQUEST, lambda: False)
    assert next(stream).text == "I hear "
    with pytest.raises(EngineUnavailable):
        next(stream)
    assert len(server.seen) == 1


def test_a_refusal_is_not_tried_again_and_tells_no_words(engine, server):
    server.script = [status(401, "I am sad.")]
    with pytest.raises(EngineUnavailable, match="answered 401") as caught:
        run(engine)
    assert "sad" not in str(caught.value)
    assert len(server.seen) == 1


@pytest.mark.parametrize("answer", [status(413), status(400, "maximum context length is 4096")])
def test_too_long_a_prompt_is_told_apart(engine, server, answer):
    server.script = [answer]
    with pytest.raises(PromptTooLong):
        run(engine)


def test_a_silent_server_runs_into_the_read_timeout(server):
    engine = OpenAIEngine(replace(config_of(server), read_timeout=1.0))
    server.script = [silent]
    with pytest.raises(EngineUnavailable):
        run(engine)


def test_the_deadline_before_the_first_word_is_a_timeout(engine, server):
    server.script = [silent]
    with pytest.raises(EngineTimeout):
        run(engine, replace(REQUEST, deadline_seconds=0.3))


def test_the_deadline_in_mid_reply_ends_it(engine, server):
    server.script = [endless]
    text, finish = run(engine, replace(REQUEST, deadline_seconds=2.0))
    assert text.startswith("on on ")
    assert finish == "deadline"


def test_cancel_hangs_up_on_the_server(engine, server):
    server.script = [endless]
    seen: list[str] = []
    for chunk in engine.stream(REQUEST, lambda: len(seen) >= 3):
        seen.append(chunk.text)
    assert seen == ["on ", "on ", "on ", ""]
    assert server.hung_up.wait(3)


def test_a_caller_who_walks_away_hangs_up_too(engine, server):
    server.script = [endless]
    stream = engine.stream(REQUEST, lambda: False)
    next(stream)
    stream.close()
    assert server.hung_up.wait(3)


def test_nobody_listening_is_unavailable(server):
    engine = OpenAIEngine(replace(config_of(server), base_url="http://127.0.0.1:9/v1"))
    with pytest.raises(EngineUnavailable):
        run(engine)


def test_after_failures_in_a_row_the_server_is_left_alone_and_then_tried(server):
    now = [0.0]
    engine = OpenAIEngine(config_of(server), Breaker(limit=2, pause=10, clock=lambda: now[0]))
    server.script = [status(500)]
    for _ in range(3):
        with pytest.raises(EngineUnavailable):
            run(engine)
    assert len(server.seen) == 2
    server.script = [fine]
    now[0] = 11.0
    assert run(engine) == ("I hear 你 well.", "stop")
    assert run(engine)[1] == "stop"


def test_only_one_caller_tries_an_open_breaker():
    now = [0.0]
    breaker = Breaker(limit=1, pause=5, clock=lambda: now[0])
    breaker.failed()
    assert not breaker.admits()
    now[0] = 6.0
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.succeeded()
    assert breaker.admits()


def test_a_closed_engine_refuses(engine):
    engine.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        run(engine)
