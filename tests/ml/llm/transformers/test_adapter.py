"""LoRA: the adapter changes what is said, W' = W + (alpha/r)·BA, and quantised bases train and speak."""

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest
import torch

from ml.llm.transformers.engine import TransformersEngine
from ml.llm.transformers.loading import attach_adapter, load_base
from ml.training import lora, lora_checkpoint, lora_loop
from ml.types import EngineUnavailable

from .conftest import lora_arguments, reply


@pytest.fixture
def adapted(config, adapter):
    engine = TransformersEngine(dataclasses.replace(config, adapter=str(adapter)))
    engine._loop._stop_ids = frozenset()
    yield engine
    engine.close()


def test_the_adapter_changes_the_reply_and_is_named(endless, adapted, request_of, adapter):
    request = request_of("I am sad since my boss left.")
    assert reply(adapted, request) != reply(endless, request) != ""
    assert adapted.info().adapter == str(adapter)


def test_training_lowers_the_held_out_loss(adapter):
    figures = json.loads((adapter / "metrics.json").read_text())
    after, before = (figures[f"held-out loss {when} (nats per token)"] for when in ("after", "before"))
    assert after < 0.9 * before


def test_adapted_weight_is_base_plus_scaled_product(config, adapter):
    model = attach_adapter(load_base(config), str(adapter))
    layer = model.base_model.model.model.layers[0].self_attn.q_proj
    down, up = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    x = torch.randn(3, down.shape[1])
    expected = x @ (layer.base_layer.weight + layer.scaling["default"] * up @ down).T
    assert torch.allclose(layer(x), expected, atol=1e-4)
    assert up.abs().max() > 0


def test_the_base_stays_as_it_was(config, adapter, tiny_base):
    plain = load_base(config).state_dict()
    adapted = attach_adapter(load_base(config), str(adapter)).base_model.model.state_dict()
    name = "model.layers.0.self_attn.q_proj"
    assert torch.equal(plain[f"{name}.weight"], adapted[f"{name}.base_layer.weight"])


def test_hashes_pin_the_files(adapter):
    lines = (adapter / "SHA256SUMS").read_text().splitlines()
    sums = dict(reversed(line.split("  ")) for line in lines)
    for name in ("adapter_model.safetensors", "README.md"):
        assert sums[name] == hashlib.sha256((adapter / name).read_bytes()).hexdigest()


def test_an_adapter_without_safetensors_is_refused(config, adapter, tmp_path):
    (tmp_path / "adapter_config.json").write_bytes((adapter / "adapter_config.json").read_bytes())
    (tmp_path / "adapter_model.bin").write_bytes(b"pickle")
    with pytest.raises(EngineUnavailable, match="only safetensors"):
        attach_adapter(load_base(config), str(tmp_path))


def test_a_killed_training_goes_on_to_the_same_adapter(tiny_base, dialogue_file, adapter, tmp_path, monkeypatch):
    step = lora_loop.AdapterTrainer._step

    def killed_at_five(self, number, total, group):
        if number == 5:
            raise KeyboardInterrupt
        return step(self, number, total, group)

    arguments = lora_arguments(tiny_base, dialogue_file, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(lora_loop.AdapterTrainer, "_step", killed_at_five)
        with pytest.raises(KeyboardInterrupt):
            lora.main(arguments)
    assert (tmp_path / "checkpoint" / "state.pt").is_file()
    assert lora.main(arguments) == 0
    name = "adapter_model.safetensors"
    assert (tmp_path / name).read_bytes() == (adapter / name).read_bytes()


def test_a_checkpoint_of_another_run_is_refused(tiny_base, dialogue_file, tmp_path, monkeypatch, capsys):
    def save_and_stop(self, train, held):
        lora_checkpoint.save(self.out, self.model, self.optimiser, lora_checkpoint.Progress(1), self.fingerprint)
        raise KeyboardInterrupt

    arguments = lora_arguments(tiny_base, dialogue_file, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(lora_loop.AdapterTrainer, "run", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            lora.main(arguments)
    assert lora.main([*arguments, "--seed", "9"]) == 2
    assert "other options" in capsys.readouterr().err


def test_training_stops_early_when_nothing_gets_better(tiny_base, dialogue_file, tmp_path):
    hopeless = lora_arguments(
        tiny_base, dialogue_file, tmp_path, "--rate", "30", "--patience", "1", "--eval-every", "1", "--epochs", "9"
    )
    assert lora.main(hopeless) == 0
    assert json.loads((tmp_path / "metrics.json").read_text())["steps"] < 9


@pytest.mark.parametrize("bits", [8, 4])
def test_a_quantised_base_trains_after_an_evaluation_and_speaks(
    bits, config, tiny_base, dialogue_file, tmp_path, request_of
):
    assert lora.main(lora_arguments(tiny_base, dialogue_file, tmp_path, "--bits", str(bits), "--epochs", "1")) == 0
    figures = json.loads((tmp_path / "metrics.json").read_text())
    after, before = (figures[f"held-out loss {when} (nats per token)"] for when in ("after", "before"))
    assert after < before
    quantised = TransformersEngine(dataclasses.replace(config, bits=bits, adapter=str(tmp_path)))
    kinds = {type(module).__name__ for module in quantised._loop._lane.model.modules()}
    assert {8: "Linear8bitLt", 4: "Linear4bit"}[bits] in kinds
    quantised._loop._stop_ids = frozenset()
    assert reply(quantised, request_of("I am sad since my boss left."))
    quantised.close()


@pytest.mark.parametrize("bits", [16, 8, 4])
def test_a_gradient_flows_after_an_evaluation(bits, tiny_base, dialogue_file, tmp_path: Path):
    args = lora.build_parser().parse_args(
        lora_arguments(tiny_base, dialogue_file, tmp_path, "--bits", str(bits), "--device", "cpu")
    )
    model = lora.build_adapter(args)
    ids = torch.arange(20)[None]
    model.eval()
    with torch.no_grad():
        model(input_ids=ids)
    model.train()
    model(input_ids=ids, labels=ids).loss.backward()
    ups = [value for name, value in model.named_parameters() if "layers.0" in name and "lora_B" in name]
    gradients = [value.grad.abs().sum() for value in ups]
    assert gradients
    assert all(gradient > 0 for gradient in gradients)
