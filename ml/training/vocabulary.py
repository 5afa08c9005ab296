"""`python -m ml.training vocabulary`: a base model for the encoder with only the word pieces that its rows need.

Half of MiniLM's parameters are embeddings of 30,522 pieces, most of them names and places that no row ever holds. A
word whose piece is left out is cut into smaller pieces, which stay. The result is a model directory like any other,
for `python -m ml.training encoder --base`; `--weights` cuts an encoder that was trained on the whole vocabulary.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModel

from ml.encoder.tokens import MASK, load_tokenizer
from ml.training import encoder, encoder_rows

EMBEDDINGS = "base.embeddings.word_embeddings.weight"
_LATIN_END = 0x250
_CONTINUED = "##"


def main(argv: list[str]) -> int:
    """Count the pieces of all rows, choose, and write the smaller model."""
    args = parser().parse_args(argv)
    vocabulary = json.loads((args.base / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer = load_tokenizer(args.base / "tokenizer.json")
    args.fold, args.feelings = False, 1.0
    seen: Counter[int] = Counter()
    for tokens in encoder_rows.tokenised(encoder.load_rows(args), tokenizer):
        seen.update(tokens.ids)
    kept = choose(vocabulary["model"]["vocab"], seen, args.seen, args.first)
    args.out.mkdir(parents=True, exist_ok=True)
    vocabulary["model"]["vocab"] = {piece: place for place, piece in enumerate(kept)}
    (args.out / "tokenizer.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    places = torch.tensor([tokenizer.token_to_id(piece) for piece in kept])
    write_model(args.base, places, args.out)
    if args.weights:
        write_weights(args.weights, places, args.out / "start.pt")
    print(json.dumps({"pieces": len(kept), "of": tokenizer.get_vocab_size()}))
    return 0


def choose(pieces: Mapping[str, int], seen: Mapping[int, int], least: int, first: int) -> list[str]:
    """Pieces to keep, in their old order.

    The marks keep their places; every Latin character stays, so that any word can be cut; the `first` places of the
    vocabulary are its commonest words; and what the rows hold `least` times or more. Chinese comes as glosses.
    """
    kept = [
        piece
        for piece, place in pieces.items()
        if place <= MASK
        or seen.get(place, 0) >= least
        or (place < first and piece.isascii())
        or _is_character(piece.removeprefix(_CONTINUED))
    ]
    return sorted(kept, key=lambda piece: pieces[piece])


def _is_character(piece: str) -> bool:
    return len(piece) == 1 and ord(piece) < _LATIN_END


def write_model(base: Path, places: Tensor, out: Path) -> None:
    """The base model with the rows of its embeddings at `places`, [pieces]."""
    model = AutoModel.from_pretrained(base)
    table: Tensor = model.get_input_embeddings().weight.detach()
    model.resize_token_embeddings(len(places))
    with torch.no_grad():
        model.get_input_embeddings().weight.copy_(table[places])
    model.save_pretrained(out)


def write_weights(weights: Path, places: Tensor, out: Path) -> None:
    """The weights of a trained encoder, its embeddings cut alike."""
    state: dict[str, Tensor] = torch.load(weights, weights_only=True)
    state[EMBEDDINGS] = state[EMBEDDINGS][places].clone()
    torch.save(state, out)


def parser() -> argparse.ArgumentParser:
    """Options of the command."""
    options = argparse.ArgumentParser(prog="python -m ml.training vocabulary", description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="directory with emotion/ and dialogue_zh/")
    options.add_argument("--base", type=Path, required=True, help="directory of the MiniLM model")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--weights", type=Path, help="also cut these weights of an encoder, into OUT/start.pt")
    options.add_argument("--seen", type=int, default=2, help="keep pieces that the rows hold so many times")
    options.add_argument("--first", type=int, default=6000, help="keep so many of the commonest pieces anyway")
    options.add_argument("--seed", type=int, default=7)
    return options
