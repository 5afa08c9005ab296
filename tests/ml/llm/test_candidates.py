"""Several replies, one is said: vetoed by the guard, chosen by plain measures, the companion's own among them."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ml.config import EngineConfig
from ml.llm import ranking
from ml.llm.candidates import Chooser
from ml.llm.companion import Companion
from ml.runtime import build_language_model
from ml.types import ChatTurn, EngineInfo, EngineUnavailable, PromptTooLong, ReplyChunk, ReplyRequest

EN = ReplyRequest(
    "r",
    "en",
    (
        ChatTurn("user", "My sister hasn't spoken to me since the funeral."),
        ChatTurn("assistant", "That sounds lonely. What happened at the funeral?"),
        ChatTurn("user", "We argued about the house, in front of everybody, and I miss her."),
    ),
    seed=3,
)
ZH = ReplyRequest("r", "zh", (ChatTurn("user", "妈妈走了以后，房子空空的，我不敢回家。"),), seed=3)
GOOD = "An argument about the house, with everybody watching, and now you miss her. What do you miss most?"
GOOD_ZH = "妈妈不在了，房子一下子空了，难怪你不敢回家。推开门的时候，最难受的是什么？"


@pytest.mark.parametrize(
    ("request_", "better", "worse"),
    [
        (EN, GOOD, "That sounds hard. What happened?"),
        (EN, GOOD, "You should talk to your sister about the house. It is important to communicate. You must try."),
        (EN, GOOD, "I remember when my own family had a house and I felt the same. What do you miss most about her?"),
        (EN, GOOD, "Everybody argued? About the house? In front of whom? Do you miss her? What now?"),
        (EN, GOOD, "That sounds lonely. What happened at the funeral, when you argued about the house?"),
        (EN, GOOD, GOOD[:70]),
        (EN, GOOD, "You miss her. You miss her. You miss her. You miss her. You miss her. You miss her."),
        (ZH, GOOD_ZH, "我理解你的感受。你可以多和朋友聊聊，建议你培养一些兴趣爱好。"),
        (ZH, GOOD_ZH, "我小时候也经历过，妈妈走了以后房子空空的，我也不敢回家。"),
        (ZH, GOOD_ZH, "嗯，后来呢？"),
    ],
)
def test_the_better_reply_comes_first(request_: ReplyRequest, better: str, worse: str) -> None:
    assert ranking.rank([worse, better], request_) == [1, 0]


def test_measures_stay_within_bounds() -> None:
    for request in (EN, ZH):
        for text in ("", "?", "！！！", GOOD * 20, GOOD_ZH * 20, "a b c", "😀"):
            marks = ranking.marks(text, request)
            assert all(0 <= getattr(marks, name) <= 1 for name in ranking.WEIGHTS), (text, marks)
            assert 0 <= marks.score <= 1


class Scripted:
    """Says the reply of its place in the order of seeds."""

    def __init__(self, *replies: str | Exception, wait: float = 0.0) -> None:
        self.replies, self.wait = replies, wait
        self.requests: list[ReplyRequest] = []
        self.cancelled = 0
        self._lock = threading.Lock()

    def info(self) -> EngineInfo:
        return EngineInfo("scripted", "none")

    def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        with self._lock:
            reply = self.replies[len(self.requests)]
            self.requests.append(request)
        if isinstance(reply, Exception):
            raise reply
        slow = time.monotonic() + (self.wait if reply.startswith("slow") else 0)
        while time.monotonic() < slow:
            if is_cancelled():
                self.cancelled += 1
                yield ReplyChunk("", "cancelled")
                return
            time.sleep(0.01)
        yield ReplyChunk(reply[:5])
        yield ReplyChunk(reply[5:], "stop", adapter="a@1")

    def close(self) -> None:
        """Nothing to close."""


class Silent(Scripted):
    """A companion that says one poor line."""

    def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        yield ReplyChunk("Mm.")
        yield ReplyChunk("", "stop", entries=("bank-1",), strategy="question")


def said(chooser: Chooser, request: ReplyRequest = EN) -> tuple[str, ReplyChunk]:
    chunks = list(chooser.stream(request, lambda: False))
    assert [chunk.finish for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    return "".join(chunk.text for chunk in chunks), chunks[-1]


def test_the_best_of_all_is_said_in_sentences() -> None:
    engine = Scripted("Hm, and then?", GOOD, "You should move on.")
    chooser = Chooser(engine, Silent(), 3)
    text, last = said(chooser)
    assert text == GOOD
    assert (last.finish, last.adapter) == ("stop", "a@1")
    assert len({request.seed for request in engine.requests}) == 3
    assert len(list(Chooser(Scripted(GOOD), Silent(), 1).stream(EN, lambda: False))) == 2


def test_what_the_guard_refuses_is_never_chosen() -> None:
    forbidden = GOOD.replace("What do you", "You have depression. What do you")
    text, _ = said(Chooser(Scripted(forbidden, "Everybody saw you argue. What was that like?"), Silent(), 2))
    assert text == "Everybody saw you argue. What was that like?"


def test_the_companion_speaks_where_it_is_better() -> None:
    text, last = said(Chooser(Scripted("Yes yes yes.", "No."), Companion(), 2))
    assert text not in ("Yes yes yes.", "No.")
    assert last.entries, "its entries are remembered, so that it does not repeat itself"


def test_one_failure_leaves_the_others() -> None:
    assert said(Chooser(Scripted(EngineUnavailable("gone"), GOOD), Silent(), 2))[0] == GOOD


@pytest.mark.parametrize("error", [EngineUnavailable("gone"), PromptTooLong("long")])
def test_where_all_fail_that_is_told(error: Exception) -> None:
    with pytest.raises(type(error)):
        said(Chooser(Scripted(error, error), Silent(), 2))


def test_the_slow_one_is_not_waited_for() -> None:
    engine = Scripted("slow and never", GOOD, wait=30)
    began = time.monotonic()
    request = ReplyRequest("r", "en", EN.turns, deadline_seconds=1.0, seed=1)
    assert said(Chooser(engine, Silent(), 2), request)[0] == GOOD
    assert time.monotonic() - began < 10


def test_cancelling_ends_every_candidate() -> None:
    engine = Scripted("slow one", "slow two", wait=30)
    chunks = list(Chooser(engine, Silent(), 2).stream(EN, lambda: True))
    assert [chunk.finish for chunk in chunks] == ["cancelled"]
    deadline = time.monotonic() + 5
    while engine.cancelled < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert engine.cancelled == 2


def test_settings_build_it() -> None:
    config = EngineConfig(backend="openai", model="m", base_url="http://127.0.0.1:9/v1", candidates=3)
    assert isinstance(build_language_model(config), Chooser)
