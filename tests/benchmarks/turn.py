"""A whole turn over the real programs: socket, broker, worker, companion, token stream, and what it costs in CPU."""

from __future__ import annotations

import json
import re
import tempfile
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from uuid import uuid4

import psutil
from websockets.sync.client import ClientConnection, connect

from tests.benchmarks.tables import percentile, table
from tests.e2e.running import Running

COUNT = 40
TEXT = "I am worried about my exam and I can not sleep, number {}"


def log_in(running: Running) -> tuple[str, str]:
    """A session of the demo client: the cookie header and a fresh chat session's id."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def post(path: str, **fields: str) -> str:
        page = opener.open(running.address + ("/accounts/login/" if "login" in path else "/chat/")).read().decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": found.group(1), **fields}).encode()
        return str(opener.open(running.address + path, data).geturl())

    username, password = running.login_of("client")
    post("/accounts/login/", login=username, password=password)
    session = post("/chat/new/").rstrip("/").rsplit("/", 1)[-1]
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar), session


def one_turn(socket: ClientConnection, number: int) -> tuple[float, float, float, int, int]:
    """Seconds to acceptance, to the first piece, to the whole reply; the number of pieces and of words."""
    began = time.perf_counter()
    fields = {"v": 1, "type": "send", "client_id": str(uuid4()), "text": TEXT.format(number)}
    socket.send(json.dumps(fields))
    accepted = first = 0.0
    pieces = 0
    while True:
        frame = json.loads(socket.recv(timeout=30))
        now = time.perf_counter() - began
        if frame["type"] == "accepted":
            accepted = now
        elif frame["type"] == "token":
            first, pieces = first or now, pieces + 1
        elif frame["type"] == "message" and frame["role"] == "assistant":
            return accepted, first or now, now, pieces, len(frame["text"].split())


def cpu_seconds(running: Running, *names: str) -> float:
    """User and system seconds of the named programs and their children."""
    total = 0.0
    for name in names:
        process = psutil.Process(running.processes[name].pid)
        for part in [process, *process.children(recursive=True)]:
            times = part.cpu_times()
            total += times.user + times.system
    return total


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        running = Running(Path(folder), COMPANION_PACE_SECONDS="0", CHAT_MESSAGES_PER_MINUTE="100000")
        try:
            running.prepare()
            running.start("web", "inference")
            cookie, session = log_in(running)
            report(running, cookie, session)
        finally:
            running.close()


def report(running: Running, cookie: str, session: str) -> None:
    """Measure and print."""
    url = running.address.replace("http", "ws") + "/ws/chat/"
    with connect(url, additional_headers={"Cookie": cookie}, origin=running.address) as socket:  # type: ignore[arg-type]
        socket.send(json.dumps({"v": 1, "type": "join", "session": session, "since": 0}))
        one_turn(socket, 0)
        before = cpu_seconds(running, "web", "inference")
        measured = [one_turn(socket, number) for number in range(1, COUNT + 1)]
        cpu = cpu_seconds(running, "web", "inference") - before
    rows = []
    for place, name in enumerate(("accepted", "first piece", "whole reply")):
        times = [1000 * values[place] for values in measured]
        rows.append([name, *(f"{percentile(times, share):.0f}" for share in (0.5, 0.95))])
    engine = running.query(
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (provenance->>'first_token_ms')::float) "
        "FROM chat_message WHERE role = 'assistant'"
    )[0][0]
    rows.append(["of which in the worker, to the first piece", f"{engine:.0f}", ""])
    table(["since sending", "p50 ms", "p95 ms"], rows)
    pieces = sum(values[3] for values in measured)
    words = sum(values[4] for values in measured)
    print(f"\n{COUNT} turns, {pieces} pieces, {words} words of reply; CPU of web and worker together: ", end="")
    print(f"{1000 * cpu / COUNT:.0f} ms a turn, {1000 * cpu / words:.1f} ms a word")
