"""The page's address: one run per folder, a port that is free, words when it is not."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from therapy.core.local.errors import LocalError
from therapy.core.local.page import answers, require_free_port, single_run
from therapy.core.local.run import port_of


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_port_in_use_is_said_with_a_way_out(taken_port: int) -> None:
    with pytest.raises(LocalError, match=f"Port {taken_port} is in use .* make run PORT={taken_port + 1}"):
        require_free_port(taken_port)


def test_a_free_port_passes() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    require_free_port(port)


@pytest.mark.parametrize("text", ["", "0", "65536", "eight", "-1", "8000 ", "٨"])
def test_a_port_that_is_none(text: str) -> None:
    with pytest.raises(LocalError, match="1 to 65535"):
        port_of(text)


def test_the_second_run_learns_where_the_first_is(tmp_path: Path) -> None:
    with single_run(tmp_path, "http://127.0.0.1:8000") as first:
        assert first == ""
        with single_run(tmp_path, "http://127.0.0.1:8001") as second:
            assert second == "http://127.0.0.1:8000"
    with single_run(tmp_path, "http://127.0.0.1:8001") as third:
        assert third == ""


@pytest.mark.parametrize(("status", "expected"), [(200, True), (404, True), (500, False), (503, False)])
def test_an_error_of_the_server_is_no_page(status: int, expected: bool) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    assert answers(f"http://127.0.0.1:{server.server_port}") is expected
    server.shutdown()
    server.server_close()


def test_nothing_there_is_no_page(taken_port: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    assert not answers(address)
