"""The shared batch against the plain truth: each row has the logits of its own tokens read alone, in any company."""

import random

import pytest
import torch
from transformers import (
    GemmaConfig,
    GemmaForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from ml.llm.transformers.lanes import BatchLane, SoloLane, build_lane

SHAPE = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
}
CPU = torch.device("cpu")


def build(name: str) -> torch.nn.Module:
    torch.manual_seed(0)
    if name == "mamba":
        return MambaForCausalLM(MambaConfig(vocab_size=97, hidden_size=32, num_hidden_layers=2, state_size=8)).eval()
    kinds = {
        "llama": (LlamaConfig, LlamaForCausalLM, {}),
        "qwen3": (Qwen3Config, Qwen3ForCausalLM, {}),
        "gemma": (GemmaConfig, GemmaForCausalLM, {}),
        "mistral": (MistralConfig, MistralForCausalLM, {"sliding_window": 6}),
    }
    config, model, more = kinds[name]
    return model(config(**SHAPE, **more)).eval()


@pytest.mark.parametrize(("name", "kind"), [("qwen3", BatchLane), ("mistral", BatchLane), ("mamba", SoloLane)])
def test_each_model_gets_the_lane_its_memory_allows(name, kind):
    assert type(build_lane(build(name), CPU)) is kind


@pytest.mark.parametrize("name", ["llama", "qwen3", "gemma", "mistral", "mamba"])
@pytest.mark.parametrize("seed", range(3))
@torch.inference_mode()
def test_rows_that_come_and_go_never_touch_each_other(name, seed):
    model, draw = build(name), random.Random(seed)
    lane, rows = build_lane(model, CPU), []

    def check(logits, sequences):
        for got, sequence in zip(logits, sequences, strict=True):
            assert torch.allclose(got, model(torch.tensor([sequence])).logits[0, -1], atol=2e-4)

    for _ in range(60):
        if rows and draw.random() < 0.15:
            place = draw.randrange(len(rows))
            lane.leave(place)
            rows[place] = rows[-1]
            rows.pop()
        if len(rows) < 6 and draw.random() < 0.3:
            new = [[draw.randrange(97) for _ in range(draw.randint(1, 40))] for _ in range(draw.randint(1, 2))]
            check(lane.join(new), new)
            rows += new
        if rows:
            tokens = [draw.randrange(97) for _ in rows]
            logits = lane.step(tokens)
            rows = [[*row, token] for row, token in zip(rows, tokens, strict=True)]
            check(logits, rows)


@pytest.mark.parametrize("name", ["llama", "mistral"])
@torch.inference_mode()
def test_a_remembered_beginning_changes_nothing(name):
    model, prefix = build(name), list(range(10, 22))
    lane = build_lane(model, CPU)
    lane.remember(prefix)
    lane.remember([5, 6, 7])
    prompts = [[*prefix, 1], [*prefix, 1, 2, 3, 4, 5, 6], [5, 6, 7, 8], prefix, [9, 9]]
    for step in range(3):
        logits = lane.join(prompts) if step == 0 else lane.step([3] * len(prompts))
        prompts = prompts if step == 0 else [[*prompt, 3] for prompt in prompts]
        for got, prompt in zip(logits, prompts, strict=True):
            assert torch.allclose(got, model(torch.tensor([prompt])).logits[0, -1], atol=2e-4)


@torch.inference_mode()
def test_memory_does_not_grow_with_the_time_the_batch_is_never_empty():
    lane, draw = build_lane(build("llama"), CPU), random.Random(1)
    lane.join([[1] * 20, [2] * 20])
    for _ in range(40):
        for _ in range(30):
            lane.step([3, 4])
        lane.leave(draw.randrange(2))
        lane.join([[5] * 20])
    assert lane.cache.slots[0].buffers[0].shape[2] <= 1024


def test_masked_memory_cannot_leak_even_if_it_is_not_a_number():
    lane = build_lane(build("llama"), CPU)
    with torch.inference_mode():
        lane.join([[1, 2, 3]])
        assert all(torch.isfinite(buffer).all() for layer in lane.cache.slots for buffer in layer.buffers)
