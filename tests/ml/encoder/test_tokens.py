"""What the encoder is fed: message first, context after it, bounded, with spans back into the message."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.encoder import session
from ml.encoder.tokens import CONTEXT_TOKENS, MESSAGE_TOKENS, encode, load_tokenizer
from ml.types import ChatTurn


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer(session.FOLDER / session.TOKENIZER)


def test_message_first_then_the_turns_before(tokenizer):
    turns = (ChatTurn("user", "i counted them"), ChatTurn("assistant", "the jars?"))
    tokens = encode(tokenizer, "all forty", turns)
    words = tokenizer.decode(tokens.ids, skip_special_tokens=False)
    assert words.startswith("[CLS] all forty [SEP]")
    assert words.index("i counted them") < words.index("the jars")
    assert tokens.types.count(0) == len(tokens.spans)
    assert tokens.types == sorted(tokens.types)


@pytest.mark.parametrize("message", ["i am so tired today", "我今天真的很累", "so tired 好累"])
def test_spans_point_into_the_message(tokenizer, message):
    tokens = encode(tokenizer, message)
    pieces = {message[start:end].strip() for start, end in tokens.spans if end > start}
    assert any(piece in pieces for piece in ("tired", "累", "好累", "很累"))


def test_long_text_is_read_at_both_ends(tokenizer):
    message = "beginning " + "filler " * 5_000 + "ending"
    tokens = encode(tokenizer, message, [ChatTurn("user", "word " * 4_000)] * 30)
    assert tokens.types.count(0) <= MESSAGE_TOKENS + 2
    assert tokens.types.count(1) <= CONTEXT_TOKENS
    words = tokenizer.decode(tokens.ids)
    assert words.startswith("beginning")
    assert "ending" in words
    last = [span for span in tokens.spans if span[1] > span[0]][-1]
    assert message[last[0] : last[1]] == "ending"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_is_tokenised(tokenizer, text):
    tokens = encode(tokenizer, text)
    assert len(tokens.ids) == len(tokens.types)
    assert all(0 <= start <= end <= len(text) for start, end in tokens.spans)
