"""Renders a request with the model's chat template and fits it to the context: the oldest turns go first."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, get_args

from jinja2 import TemplateError

from ml.llm.prompts import PERSON_OPEN, build_messages
from ml.types import ChatTurn, Language, PersonContext, PromptTooLong, ReplyRequest, RiskLevel

Messages = list[dict[str, str]]

# For models without a chat template. Plain words, so that it needs no token the model does not have.
FALLBACK_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
FALLBACK_STOPS = ("\nuser:", "\nsystem:", "\nassistant:")
# A reply that opens the person's fence has begun to write the person's part.
STOPS = (PERSON_OPEN,)


class PromptFitter:
    """Messages to token ids for one tokenizer. Safe in several threads: it only reads."""

    def __init__(self, tokenizer: Any, context: int) -> None:
        self.tokenizer = tokenizer
        self.context = context
        self._template = None if tokenizer.chat_template else FALLBACK_TEMPLATE
        self.stop_strings = STOPS if tokenizer.chat_template else STOPS + FALLBACK_STOPS
        self._control = frozenset(tokenizer.all_special_tokens) | _special_added(tokenizer)
        self._takes_system = self._probe_system()

    def fit(self, request: ReplyRequest, max_tokens: int) -> list[int]:
        """Token ids of the longest end of the conversation that leaves room for `max_tokens`.

        Raises:
            PromptTooLong: not even the rules and the last message fit.
        """
        budget = self.context - max_tokens
        messages = build_messages(request, self._control)
        messages = messages[:1] + self._roughly(messages[1:], budget)
        while True:
            ids = self.encode(messages)
            if len(ids) <= budget:
                return ids
            shorter = _without_oldest(messages)
            if shorter is None:
                raise PromptTooLong(f"the prompt takes {len(ids)} tokens and {max(budget, 0)} are free")
            messages = shorter

    def shared_prefixes(self) -> list[list[int]]:
        """Token ids with which every prompt of a language begins: the fixed rules, nothing of any person."""
        found = []
        for language in get_args(Language):
            plain = ReplyRequest("", language, (ChatTurn("user", "a"),))
            other = replace(plain, turns=(ChatTurn("user", "…"),), person=PersonContext(name="b"))
            urgent = replace(plain, risk=RiskLevel.HIGH)
            prompts = [self.encode(build_messages(request, self._control)) for request in (plain, other, urgent)]
            found.append(list(os.path.commonprefix(prompts)))
        return found

    def encode(self, messages: Messages, add_generation_prompt: bool = True) -> list[int]:
        """Token ids of messages as the template writes them."""
        text = self.render(messages, add_generation_prompt)
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return ids

    def render(self, messages: Messages, add_generation_prompt: bool = True) -> str:
        """Text of messages as the template writes them; `enable_thinking` is ignored by templates that lack it."""
        if not self._takes_system:
            messages = _system_into_first(messages)
        text: str = self.tokenizer.apply_chat_template(
            messages,
            chat_template=self._template,
            tokenize=False,
            add_generation_prompt=add_generation_prompt,
            enable_thinking=False,
        )
        return text

    def _roughly(self, turns: Messages, budget: int) -> Messages:
        """Cut far too long histories cheaply, each message counted once, before the exact search."""
        left = budget
        for place in reversed(range(len(turns))):
            left -= len(self.tokenizer.encode(turns[place]["content"], add_special_tokens=False))
            if left < 0 and place < len(turns) - 1:
                return _from_user(turns[place + 1 :]) or turns[-1:]
        return turns

    def _probe_system(self) -> bool:
        """Some templates (Gemma) refuse a system message; the rules then go into the first user message."""
        self._takes_system = True
        probe = [{"role": "system", "content": "probe-word"}, {"role": "user", "content": "a"}]
        try:
            return "probe-word" in self.render(probe)
        except TemplateError:
            return False


def _special_added(tokenizer: Any) -> frozenset[str]:
    return frozenset(str(token) for token in tokenizer.added_tokens_decoder.values() if token.special)


def _without_oldest(messages: Messages) -> Messages | None:
    """Drop turns up to the next user message; None where only the last one is left."""
    rest = _from_user(messages[2:])
    return messages[:1] + rest if rest else None


def _from_user(turns: Messages) -> Messages:
    place = next((place for place, message in enumerate(turns) if message["role"] == "user"), len(turns))
    return turns[place:]


def _system_into_first(messages: Messages) -> Messages:
    if len(messages) < 2 or messages[0]["role"] != "system":
        return messages
    first = {"role": "user", "content": messages[0]["content"] + "\n\n" + messages[1]["content"]}
    return [first, *messages[2:]]
