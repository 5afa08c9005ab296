"""`python -m tests.benchmarks.gpu.decoding --json OUT`: our decode loop on a model with the shape of Qwen3-8B.

Random weights: speed does not ask for sense, and nothing is downloaded. Measures the card's memory bandwidth (a copy),
from it the most tokens a second that one chat can get (every weight is read once a token), then the loop at several
loads, without and with an unmerged LoRA adapter on all linear layers. The targets are `TARGETS` below.
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen3Config, Qwen3ForCausalLM

from ml.llm.transformers.jobs import Job
from ml.llm.transformers.loading import LoadedModel
from ml.llm.transformers.loop import DecodeLoop
from ml.llm.transformers.sampling import Sampler

TARGETS = {"share_of_roofline": 0.60, "gain_at_most_chats": 20.0, "lora_cost": 0.15}


def build_parser() -> argparse.ArgumentParser:
    """Sizes of the model and of the run; the defaults are Qwen3-8B's."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gpu.decoding", description=__doc__)
    sizes = {"width": 4096, "inner": 12288, "layers": 36, "heads": 32, "kv-heads": 8, "head": 128, "vocabulary": 151936}
    for name, value in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--loads", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--prompt", type=int, default=512, help="tokens of a prompt")
    parser.add_argument("--tokens", type=int, default=128, help="tokens of a reply")
    parser.add_argument("--copy-megabytes", type=int, default=4096)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--json", type=Path)
    return parser


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure, print one table, and give back the figures."""
    args = build_parser().parse_args(argv)
    model = make_model(args)
    weights = read_each_token(model)
    bandwidth = measure_bandwidth(args)
    roofline = bandwidth / weights
    print(
        f"{weights / 1e9:.2f} GB of weights a token, copy {bandwidth / 1e9:.0f} GB/s, at most {roofline:.1f} tokens/s"
    )
    plain = {load: decode(model, load, args) for load in args.loads}
    one, most = min(args.loads), max(args.loads)
    parameters = sum(weight.numel() for weight in model.parameters())
    with_lora = put_lora(model, args)
    adapted = {load: decode(with_lora, load, args) for load in (one, most)}
    figures = {
        "device": torch.cuda.get_device_name() if args.device == "cuda" else "cpu",
        "parameters": parameters,
        "bandwidth_gb_s": round(bandwidth / 1e9, 1),
        "roofline_tokens_s": round(roofline, 1),
        "tokens_s": {str(load): round(rate, 1) for load, rate in plain.items()},
        "tokens_s_lora": {str(load): round(rate, 1) for load, rate in adapted.items()},
        "share_of_roofline": round(plain[one] / roofline, 6),
        "gain_at_most_chats": round(plain[most] / plain[one], 2),
        "lora_cost": {str(load): round(1 - rate / plain[load], 3) for load, rate in adapted.items()},
        "targets": TARGETS,
    }
    print(json.dumps(figures, indent=1))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


def make_model(args: argparse.Namespace) -> Any:
    """The model on its device, in bf16, never on disk."""
    build: Any = Qwen3Config
    config = build(
        vocab_size=args.vocabulary,
        hidden_size=args.width,
        intermediate_size=args.inner,
        num_hidden_layers=args.layers,
        num_attention_heads=args.heads,
        num_key_value_heads=args.kv_heads,
        head_dim=args.head,
        max_position_embeddings=args.prompt + args.tokens + 64,
        tie_word_embeddings=False,
    )
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(args.device):
            return Qwen3ForCausalLM(config).eval()
    finally:
        torch.set_default_dtype(torch.float32)


def read_each_token(model: Any) -> int:
    """Bytes of weights that one step must read: all but the table of embeddings, of which it reads one row."""
    table = model.get_input_embeddings().weight
    return sum(weight.numel() * weight.element_size() for weight in model.parameters() if weight is not table)


def measure_bandwidth(args: argparse.Namespace) -> float:
    """Bytes a second that a copy reads and writes; the median of several."""
    source = torch.ones(args.copy_megabytes << 20, dtype=torch.uint8, device=args.device)
    target = torch.empty_like(source)
    rates = []
    for _ in range(7):
        wait(args.device)
        began = time.perf_counter()
        target.copy_(source)
        wait(args.device)
        rates.append(2 * source.numel() / (time.perf_counter() - began))
    return statistics.median(rates)


def decode(model: Any, load: int, args: argparse.Namespace) -> float:
    """Tokens a second of `load` chats at once, from the first token of the last one to join to the end."""
    loaded = LoadedModel(model, None, torch.device(args.device), args.prompt + args.tokens + 64, frozenset())
    loop = DecodeLoop(loaded, load)
    draw = torch.Generator().manual_seed(0)
    try:
        run(loop, load, args, draw)  # warms up
        return statistics.median(run(loop, load, args, draw) for _ in range(3))
    finally:
        loop.close()


def run(loop: DecodeLoop, load: int, args: argparse.Namespace, draw: torch.Generator) -> float:
    """One go: all prompts at once, each reply to its full length."""
    prompts = torch.randint(0, args.vocabulary, (load, args.prompt), generator=draw).tolist()
    jobs = [Job(prompt, args.tokens, Sampler.build(0.7, 0.9, number)) for number, prompt in enumerate(prompts)]
    firsts, lasts = [0.0] * load, [0.0] * load

    def listen(number: int) -> None:
        while True:
            events = jobs[number].take(60)
            firsts[number] = firsts[number] or time.perf_counter()
            lasts[number] = time.perf_counter()
            if not events or not isinstance(events[-1], int):
                return

    threads = [threading.Thread(target=listen, args=(number,)) for number in range(load)]
    for job, thread in zip(jobs, threads, strict=True):
        thread.start()
        loop.submit(job)
    for thread in threads:
        thread.join()
    # Rows that joined early have made tokens before the last one joined; they are counted with their own clock.
    seconds = max(lasts) - max(firsts)
    made = sum(
        (args.tokens - 1) * min(1.0, seconds / max(last - first, 1e-9))
        for first, last in zip(firsts, lasts, strict=True)
    )
    return made / seconds


def put_lora(model: Any, args: argparse.Namespace) -> Any:
    """An adapter on all linear layers, left unmerged, with weights that are not zero."""
    torch.manual_seed(0)
    lora = LoraConfig(r=args.rank, lora_alpha=2 * args.rank, target_modules="all-linear", init_lora_weights=False)
    return get_peft_model(model, lora).to(torch.bfloat16).eval()


def wait(device: str) -> None:
    """Let the card finish, so that the clock means something."""
    if device == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
