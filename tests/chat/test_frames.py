"""What the socket understands, and that nothing else makes it fall over."""

import contextlib
import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapy.chat import frames
from therapy.chat.frames import BadFrame

MAX = 10_000


def parse(data: object) -> frames.Frame:
    return frames.parse(json.dumps(data), max_bytes=MAX)


def test_send_is_read() -> None:
    client_id = uuid4()
    assert parse({"v": 1, "type": "send", "client_id": str(client_id), "text": "hi"}) == frames.Send(client_id, "hi")


def test_join_without_since_means_from_the_beginning() -> None:
    session = uuid4()
    assert parse({"type": "join", "session": str(session)}) == frames.Join(session, 0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"v": 2, "type": "ping"}, "unknown_version"),
        ({"type": "shout"}, "unknown_type"),
        ({"type": "send", "client_id": "x", "text": "a"}, "bad_client_id"),
        ({"type": "send", "client_id": str(uuid4())}, "missing_text"),
        ({"type": "send", "client_id": str(uuid4()), "text": 5}, "missing_text"),
        ({"type": "join", "session": str(uuid4()), "since": -1}, "bad_since"),
        ({"type": "join", "session": str(uuid4()), "since": True}, "bad_since"),
        ({"type": "stop"}, "missing_turn"),
    ],
)
def test_bad_frames_name_what_is_wrong(data: object, code: str) -> None:
    with pytest.raises(BadFrame) as caught:
        parse(data)
    assert caught.value.code == code
    assert not caught.value.hostile


@pytest.mark.parametrize("raw", [None, "", "{", "[]", "null", '"x"', "x" * (MAX + 1), "[" * 5000])
def test_rubbish_is_hostile(raw: str | None) -> None:
    with pytest.raises(BadFrame) as caught:
        frames.parse(raw, max_bytes=MAX)
    assert caught.value.hostile


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner))
)
def test_any_json_is_read_or_refused(data: object) -> None:
    with contextlib.suppress(BadFrame):
        assert parse(data)
