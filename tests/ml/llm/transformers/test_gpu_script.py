"""The script for the GPU runs, in small, on a CPU: so that it works on the day a card is at hand."""

import json

from tests.benchmarks.gpu import decoding

SMALL = {"width": 32, "inner": 64, "layers": 2, "heads": 2, "kv-heads": 1, "head": 16, "vocabulary": 300, "rank": 2}
SHORT = {"prompt": 12, "tokens": 6, "copy-megabytes": 8, "device": "cpu"}


def test_it_measures_roofline_loads_and_lora(tmp_path):
    options = [f"--{name}={value}" for name, value in (SMALL | SHORT).items()]
    figures = decoding.main([*options, "--loads", "1", "4", "--json", str(tmp_path / "out.json")])
    assert set(figures["tokens_s"]) == set(figures["tokens_s_lora"]) == {"1", "4"}
    assert all(rate > 0 for rate in figures["tokens_s"].values())
    assert figures["share_of_roofline"] > 0
    assert json.loads((tmp_path / "out.json").read_text())["targets"]["lora_cost"] == 0.15
