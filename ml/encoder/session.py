"""The shipped encoder: one int8 ONNX file, read once by each process and run on one thread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf
from tokenizers import Tokenizer

from ml.encoder import gloss
from ml.encoder.heads import OUTPUTS
from ml.encoder.tokens import Tokens, encode, load_tokenizer
from ml.encoder.weights import problems
from ml.types import ChatTurn

FOLDER = Path(__file__).resolve().parent.parent / "models" / "encoder"
MODEL = "model.int8.onnx"
TOKENIZER = "tokenizer.json"
SETTINGS = "settings.json"
# A file that cannot be read is one fault with many faces, one for each library that opens it.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, Fail, InvalidGraph, InvalidProtobuf, gloss.GlossaryError)

Vector = npt.NDArray[np.float32]


class EncoderError(Exception):
    """The encoder cannot be used: a file is missing, changed or of another make. The text names it."""


@dataclass(frozen=True, slots=True)
class Session:
    """The network, its vocabulary, and what was tuned on this very file. `name` is stored with what it read."""

    network: onnxruntime.InferenceSession
    tokenizer: Tokenizer
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        """Version of the weights."""
        return str(self.settings["name"])

    def run(self, tokens: Tokens) -> dict[str, Vector]:
        """Logits by head name, and the sentence vector of length 1; each of shape [size]."""
        outputs = self.network.run(list(OUTPUTS), tokens.feed())
        return {name: np.asarray(output[0], dtype=np.float32) for name, output in zip(OUTPUTS, outputs, strict=True)}

    def read(self, message: str, context: Sequence[ChatTurn] = ()) -> dict[str, Vector]:
        """Outputs for a normalised message and the raw turns before it, oldest first."""
        return self.run(encode(self.tokenizer, message, context))

    def levels(self, tokens: Sequence[Tokens]) -> npt.NDArray[np.float32]:
        """Level logits of several token rows of one length, [rows, 4]."""
        feeds = [one.feed() for one in tokens]
        joined = {name: np.concatenate([feed[name] for feed in feeds]) for name in feeds[0]}
        return np.asarray(self.network.run([OUTPUTS[0]], joined)[0], dtype=np.float32)


@cache
def load(folder: Path = FOLDER) -> Session:
    """Read the files once, checked against their pinned hashes.

    Raises:
        EncoderError: a file is missing, is not the pinned one, or does not load.
    """
    wrong = problems(folder)
    if wrong:
        raise EncoderError("; ".join(wrong))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        gloss.load()
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        network = onnxruntime.InferenceSession(
            (folder / MODEL).read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        return Session(network, load_tokenizer(folder / TOKENIZER), {"name": settings["name"], **settings})
    except _UNREADABLE as error:
        raise EncoderError(f"{folder.name}: {type(error).__name__}: {error}") from error


def self_check(folder: Path = FOLDER) -> list[str]:
    """What is wrong with the encoder's files, in words for an operator; empty where all is well."""
    try:
        load(folder)
    except EncoderError as error:
        return [str(error)]
    return []
