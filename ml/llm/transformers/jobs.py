"""One request in flight, between the caller's thread and the decode loop, and its tokens on their way to text."""

from __future__ import annotations

import queue
from dataclasses import dataclass, field
from typing import Any, Literal

from ml.llm.transformers.sampling import Sampler

Ending = Literal["stop", "length", "failed"]
UNFINISHED = "\ufffd"


@dataclass(slots=True, eq=False)
class Job:
    """What the loop needs to decode one request. `is_abandoned` is set by the caller, read between steps.

    `adapter` is set by the loop: which one reads and writes for this request.
    """

    prompt: list[int]
    max_tokens: int
    sampler: Sampler
    is_abandoned: bool = False
    made: int = 0
    adapter: str = ""
    events: queue.SimpleQueue[int | Ending] = field(default_factory=queue.SimpleQueue, repr=False)

    def give(self, token: int) -> None:
        """Hand one more token to the caller."""
        self.made += 1
        self.events.put(token)

    def end(self, how: Ending) -> None:
        """Nothing comes after this."""
        self.events.put(how)

    def take(self, seconds: float) -> list[int | Ending]:
        """Everything that has come, waiting at most `seconds` for the first; empty if nothing came."""
        try:
            events = [self.events.get(timeout=max(seconds, 0.0))]
        except queue.Empty:
            return []
        while not self.events.empty():
            events.append(self.events.get())
        return events


class TextStream:
    """Turns tokens into text piece by piece: never half a character, never a part of a stop string."""

    def __init__(self, tokenizer: Any, stop_strings: tuple[str, ...]) -> None:
        self._tokenizer = tokenizer
        self._stop_strings = stop_strings
        self._tokens: list[int] = []
        self._settled = 0  # tokens whose text is out and which the next ones do not change
        self._given = ""  # text already taken from the tokens after `_settled`
        self._held = ""  # text that may be the beginning of a stop string
        self.is_stopped = False

    def feed(self, tokens: list[int]) -> str:
        """Text that is now certain."""
        self._tokens += tokens
        text = self._decode()
        if text.endswith(UNFINISHED) or not text.startswith(self._given):
            return ""
        fresh, self._given = text[len(self._given) :], text
        if len(self._tokens) - self._settled > 16:
            self._settle()
        return self._release(fresh)

    def finish(self) -> str:
        """What was held back; half characters are dropped."""
        rest = "" if self.is_stopped else self._held
        self._held = ""
        return rest

    def _decode(self) -> str:
        text: str = self._tokenizer.decode(
            self._tokens[self._settled :], skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def _settle(self) -> None:
        # The last tokens stay as context: some tokenizers write a word's leading space by what stands before it.
        self._settled = len(self._tokens) - 4
        self._given = self._decode()

    def _release(self, fresh: str) -> str:
        text, self._held = self._held + fresh, ""
        places = [place for stop in self._stop_strings if (place := text.find(stop)) >= 0]
        if places:
            self.is_stopped = True
            return text[: min(places)]
        keep = max((_overlap(text, stop) for stop in self._stop_strings), default=0)
        if keep:
            text, self._held = text[:-keep], text[-keep:]
        return text


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that begins `stop`."""
    return next((size for size in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:size])), 0)
