"""The English reader: a fine-tuned MiniLM in int8, run by ONNX Runtime on one thread."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from ml.text import normalise
from ml.understanding.features import clip, plain
from ml.understanding.labels import FEELINGS, GOEMOTIONS
from ml.understanding.lexicon import cues
from ml.understanding.linear import SETTINGS, softmax

MODEL = "model.int8.onnx"
TOKENIZER = "tokenizer.json"
MAX_TOKENS = 128
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class EncoderReader:
    """Session, tokenizer and what was tuned on the dev rows with this very int8 file."""

    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer
    temperature: float
    bias: npt.NDArray[np.float32]
    cue_bonus: npt.NDArray[np.float32]

    def scores(self, text: str) -> tuple[dict[str, float], dict[str, float]]:
        """Probability of each of the 28 GoEmotions (independent), and of the 12 feelings (sum to 1)."""
        tokens = np.array([self.tokens(text)], dtype=np.int64)  # [1, tokens]
        feed = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        logits28, logits12 = (output[0] for output in self.session.run(None, feed))
        feelings = logits12 / self.temperature + self.bias
        named = [FEELINGS.index(name) for name in cues(plain(text), "en")]
        feelings[named] += self.cue_bonus[named]
        multi = 1.0 / (1.0 + np.exp(-logits28))
        return (
            dict(zip(GOEMOTIONS, multi.tolist(), strict=True)),
            dict(zip(FEELINGS, softmax(feelings).tolist(), strict=True)),
        )

    def tokens(self, text: str) -> list[int]:
        """Token ids with both marks; of a long text the first and the last part."""
        readable = clip(text).encode("utf-8", "replace").decode("utf-8")
        if not _LETTER.search(readable):
            # Emoji and masks alone are unknown to the vocabulary; their plain words are not.
            readable = normalise(readable).text
        ids: list[int] = self.tokenizer.encode(readable).ids
        half = MAX_TOKENS // 2
        return ids if len(ids) <= MAX_TOKENS else ids[:half] + ids[-half:]


def load(directory: Path) -> EncoderReader:
    """Read the files that `python -m ml.training encoder` wrote.

    Raises:
        OSError, ValueError, KeyError, RuntimeError: a file is missing or is not what it should be.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    tokenizer = Tokenizer.from_str((directory / TOKENIZER).read_text(encoding="utf-8"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    settings = json.loads((directory / SETTINGS).read_text(encoding="utf-8"))
    session = onnxruntime.InferenceSession(
        (directory / MODEL).read_bytes(), options, providers=["CPUExecutionProvider"]
    )
    bias, bonus = (
        np.array([settings[key][name] for name in FEELINGS], np.float32) for key in ("feeling_bias", "cue_bonus")
    )
    return EncoderReader(session, tokenizer, float(settings["temperature"]), bias, bonus)
