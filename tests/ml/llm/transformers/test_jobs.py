"""Tokens to text and choice of tokens, without a model."""

import random

import pytest
import torch

from ml.llm.transformers.jobs import TextStream
from ml.llm.transformers.sampling import Sampler, choose


class Bytes:
    """A tokenizer whose tokens are single bytes: the hardest case for whole characters."""

    def decode(self, tokens, **options):
        return bytes(tokens).decode("utf-8", errors="replace")


def run(text: str, stops: tuple[str, ...] = (), size: int = 1) -> list[str]:
    stream, data = TextStream(Bytes(), stops), text.encode()
    pieces = []
    for start in range(0, len(data), size):
        pieces.append(stream.feed(list(data[start : start + size])))
        if stream.is_stopped:
            break
    return [*pieces, stream.finish()]


@pytest.mark.parametrize("text", ["听起来你很难过。" * 10, "a family 👨‍👩‍👧 and ünï ö", "plain words " * 20])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_text_comes_whole_in_any_pieces(text, size):
    pieces = run(text, size=size)
    assert "".join(pieces) == text
    assert all("\ufffd" not in piece for piece in pieces)


@pytest.mark.parametrize("size", [1, 3, 50])
def test_a_stop_string_ends_the_text_before_it(size):
    assert "".join(run("I hear you.<person>I am", ("<person>",), size)) == "I hear you."


def test_the_beginning_of_a_stop_string_is_given_back_where_it_does_not_go_on():
    assert "".join(run("a < b and a <per b", ("<person>",))) == "a < b and a <per b"


def test_half_a_character_at_the_end_is_dropped():
    stream = TextStream(Bytes(), ())
    assert stream.feed(list("好".encode()[:2])) + stream.finish() == ""


def test_temperature_zero_is_greedy_beside_a_sampled_row():
    logits = torch.tensor([[0.0, 3.0, 1.0], [0.0, 0.0, 0.0]])
    rows = [choose(logits, [Sampler.build(0.0, 1.0, None), Sampler.build(1.0, 1.0, seed)]) for seed in range(30)]
    assert {row[0] for row in rows} == {1}
    assert {row[1] for row in rows} == {0, 1, 2}


def test_sampled_shares_follow_the_probabilities():
    sampler = Sampler(1.0, 1.0, random.Random(0))
    logits = torch.log(torch.tensor([[0.6, 0.3, 0.1]]))
    drawn = [choose(logits, [sampler])[0] for _ in range(3000)]
    shares = [drawn.count(token) / 3000 for token in range(3)]
    assert shares == pytest.approx([0.6, 0.3, 0.1], abs=0.03)


def test_top_p_keeps_the_nucleus_only():
    sampler = Sampler(1.0, 0.5, random.Random(0))
    logits = torch.log(torch.tensor([[0.45, 0.35, 0.2]]))
    assert {choose(logits, [sampler])[0] for _ in range(300)} == {0, 1}


@pytest.mark.parametrize(("temperature", "top_p"), [(-5.0, 2.0), (99.0, -1.0)])
def test_limits_hold(temperature, top_p):
    sampler = Sampler.build(temperature, top_p, None)
    assert 0 <= sampler.temperature <= 2
    assert 0 < sampler.top_p <= 1
