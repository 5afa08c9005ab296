"""The `companion` engine: plan, choose, compose, stream. Keeps no state between calls, so any thread may use it."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Iterator

from ml.llm.companion.bank import load_bank
from ml.llm.companion.compose import Reply, compose
from ml.llm.companion.dialogue import read
from ml.llm.companion.lexicon import load_lexicon
from ml.llm.companion.retrieval import load_shelf
from ml.llm.companion.semantic import load_index
from ml.llm.companion.skills.records import load_skills
from ml.types import EngineInfo, Language, ReplyChunk, ReplyRequest

VERSION = "companion-2"
# A word with the space before it, or two Chinese characters: small enough to look alive, large enough to be cheap.
PIECE = {"en": re.compile(r"\s*\S+"), "zh": re.compile(r"\s*\S{1,3}")}
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Companion:
    """Speaks from the authored bank. The same request with the same seed gives the same words."""

    def __init__(self) -> None:
        """Read the tables now, so that the first person does not wait for them."""
        for language in LANGUAGES:
            load_bank(language)
            load_lexicon(language)
            load_index(language)
            load_skills(language)
            load_shelf(language)

    def info(self) -> EngineInfo:
        """Identity of the engine and the size of its bank."""
        return EngineInfo(engine="companion", model=VERSION, prompt_version="bank-3")

    def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        """Yield the reply in small pieces; the last chunk is empty and carries finish, strategy and entries."""
        reply = write(request)
        for piece in PIECE[request.language].findall(reply.text):
            if is_cancelled():
                yield ReplyChunk(text="", finish="cancelled", strategy=reply.strategy, entries=reply.entries)
                return
            yield ReplyChunk(text=piece, tokens=1)
        yield ReplyChunk(text="", finish="stop", strategy=reply.strategy, entries=reply.entries)

    def close(self) -> None:
        """Nothing to free: the tables are shared and small."""


def write(request: ReplyRequest) -> Reply:
    """The whole reply to a request."""
    dialogue = read(request)
    words = "|".join(turn.text for turn in request.turns)
    seed = request.seed if request.seed is not None else zlib.crc32(request.request_id.encode())
    rng = random.Random(f"{seed}:{zlib.crc32(words.encode())}")
    return compose(dialogue, rng)
