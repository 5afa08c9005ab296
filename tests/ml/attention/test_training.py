"""Training in miniature: the loop learns, the export agrees, rows from a file are taken."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from ml.attention import session
from ml.attention.torch_model import Attention, loss
from ml.simulation.rows import simulate
from ml.training import attention
from ml.training.attention_loop import Budget, outputs, rmse, tensors, train


def test_a_few_steps_lower_the_error():
    rows, dev = simulate(40, each=2, seed=1), simulate(20, each=2, seed=2)
    torch.manual_seed(0)
    network = Attention()
    before = rmse(outputs(network, dev)[:, :3], tensors(dev)[3])
    said = []
    train(network, rows, dev, Budget(epochs=4, batch=32), say=said.append)
    assert rmse(outputs(network, dev)[:, :3], tensors(dev)[3]) < before
    assert "left" in said[0]


def test_what_nobody_said_is_left_out_of_the_loss():
    outputs = torch.zeros(2, 12)
    said = torch.tensor([[0.5, float("nan"), 0.0], [0.5, float("nan"), 0.0]])
    unknown = torch.full((2, 3), float("nan"))
    assert loss(outputs, said, unknown).item() == pytest.approx((0.25 / 4) + 4 * 0.25 / 2)


def test_the_command_trains_on_rows_from_a_file_and_pins_what_it_wrote(tmp_path):
    rows = simulate(24, each=2, seed=3)
    # As from people: nobody knows the change.
    replace(rows, change=np.full_like(rows.change, np.nan)).save(tmp_path / "rows.npz")
    argv = ["--out", str(tmp_path / "out"), "--rows", str(tmp_path / "rows.npz"), "--epochs", "1"]
    assert attention.main(argv) == 0
    settings = json.loads((tmp_path / "out" / "settings.json").read_text())
    assert settings["trained_on"] == "rows from a file"
    assert settings["parity"] < 1e-4
    assert session.load(tmp_path / "out").settings["name"] == attention.NAME
