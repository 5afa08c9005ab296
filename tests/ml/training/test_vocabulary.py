"""`python -m ml.training vocabulary`: what is kept, and that a kept piece means what it meant."""

from pathlib import Path

import torch
from transformers import AutoModel, BertConfig, BertModel

from ml.encoder.tokens import MASK
from ml.training import vocabulary


def test_marks_letters_common_and_seen_pieces_stay() -> None:
    marks = {f"[unused{place}]": place for place in range(MASK + 1)}
    pieces = {**marks, "a": 200, "##a": 201, "the": 300, "ß": 301, "字": 302, "no": 5000, "seen": 6000, "##once": 6001}
    kept = vocabulary.choose(pieces, {6000: 2, 6001: 1}, least=2, first=1000)
    assert kept[: MASK + 1] == list(marks), "the ids of the marks are written into the code"
    assert kept[MASK + 1 :] == ["a", "##a", "the", "ß", "seen"]


def test_kept_rows_keep_their_numbers(tmp_path: Path) -> None:
    shape = BertConfig(
        vocab_size=12, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=16,
    )  # fmt: skip
    whole = BertModel(shape).eval()
    whole.save_pretrained(tmp_path / "whole")
    torch.save({vocabulary.EMBEDDINGS: whole.get_input_embeddings().weight.detach()}, tmp_path / "trained.pt")
    places = torch.tensor([0, 3, 4, 9])
    vocabulary.write_model(tmp_path / "whole", places, tmp_path / "cut")
    vocabulary.write_weights(tmp_path / "trained.pt", places, tmp_path / "start.pt")
    cut = AutoModel.from_pretrained(tmp_path / "cut").eval()
    assert cut.config.vocab_size == 4
    with torch.no_grad():
        before = whole(input_ids=torch.tensor([[3, 9, 4]])).last_hidden_state
        after = cut(input_ids=torch.tensor([[1, 3, 2]])).last_hidden_state
    assert torch.allclose(before, after, atol=1e-6)
    start = torch.load(tmp_path / "start.pt", weights_only=True)
    assert torch.equal(start[vocabulary.EMBEDDINGS], cut.get_input_embeddings().weight)
