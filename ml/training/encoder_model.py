"""The encoder in training: MiniLM with one linear head for each thing it reads, and the loss of a mixed batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import AutoModel

from ml.encoder.heads import KINDS, LEVELS, STRESSORS
from ml.encoder.tokens import Tokens
from ml.training.encoder_rows import Row
from ml.understanding.labels import FEELINGS, GOEMOTIONS

# How much each head counts; the level of danger is what the encoder is for.
WEIGHTS = {
    "risk": 1.0,
    "kind": 0.3,
    "goemotions": 1.0,
    "feelings": 0.5,
    "stressors": 0.3,
    "severity": 1.0,
    "contrast": 0.3,
}
VECTOR_WEIGHT = 0.5
_SMOOTHING = 0.02

Inputs = tuple[Tensor, Tensor, Tensor]
Outputs = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


class Encoder(nn.Module):
    """Logits of all heads and a sentence vector, from the mean of the message's token states."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = AutoModel.from_pretrained(base, attn_implementation="eager")
        width = self.base.config.hidden_size
        self.dropout = nn.Dropout(0.12)
        sizes = {
            "risk": len(LEVELS),
            "kind": len(KINDS),
            "goemotions": len(GOEMOTIONS),
            "feelings": len(FEELINGS),
            "stressors": len(STRESSORS),
            "severity": 1,
        }
        self.heads = nn.ModuleDict({name: nn.Linear(width, size) for name, size in sizes.items()})
        self.vector = nn.Linear(width, width)
        nn.init.eye_(self.vector.weight)
        nn.init.zeros_(self.vector.bias)
        # Half of the parameters; left as they are, steps are quicker and rare words keep their meaning.
        self.base.embeddings.word_embeddings.weight.requires_grad_(False)

    def freeze(self, layers: int) -> None:
        """Leave the embeddings and so many of the lowest layers as they are: quicker, and they change least."""
        if layers:
            self.base.embeddings.requires_grad_(False)
        for layer in self.base.encoder.layer[:layers]:
            layer.requires_grad_(False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Outputs:
        """[batch, tokens] three times → one tensor for each of `ml.encoder.heads.OUTPUTS`, [batch, size]."""
        states = self.base(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = (attention_mask * (1 - token_type_ids)).unsqueeze(-1).to(states.dtype)  # [batch, tokens, 1]
        pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1.0)  # [batch, width]
        dropped = self.dropout(pooled)
        read = {name: head(dropped) for name, head in self.heads.items()}
        vector = nn.functional.normalize(self.vector(pooled), dim=1)
        return (
            read["risk"],
            read["kind"],
            read["goemotions"],
            read["feelings"],
            read["stressors"],
            read["severity"],
            vector,
        )


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets of a batch. Each has a weight of shape [batch]: 0 where a row does not teach that head."""

    levels: Tensor
    level_weight: Tensor
    kinds: Tensor
    goemotions: Tensor
    has_goemotions: Tensor
    feelings: Tensor
    stressors: Tensor
    severity: Tensor
    has_severity: Tensor


def targets_of(rows: Sequence[Row]) -> Targets:
    """Targets as tensors."""
    size = len(rows)
    found = Targets(
        levels=torch.tensor([[float((row.level or 0) > cut) for cut in range(len(LEVELS))] for row in rows]),
        level_weight=torch.tensor([row.level_weight * (row.level is not None) for row in rows]),
        kinds=torch.tensor([-1 if row.kind is None else row.kind for row in rows]),
        goemotions=torch.zeros(size, len(GOEMOTIONS)),
        has_goemotions=torch.tensor([float(row.goemotions is not None) for row in rows]),
        feelings=torch.zeros(size, len(FEELINGS)),
        stressors=torch.zeros(size, len(STRESSORS)),
        severity=torch.tensor([row.severity or 0.0 for row in rows]),
        has_severity=torch.tensor([float(row.severity is not None) for row in rows]),
    )
    for place, row in enumerate(rows):
        for name in row.goemotions or ():
            found.goemotions[place, GOEMOTIONS.index(name)] = 1.0
        for name, share in row.feelings.items():
            found.feelings[place, FEELINGS.index(name)] = share
        if row.stressors:
            found.stressors[place] = torch.tensor(row.stressors)
    return found


def loss_of(outputs: Outputs, wanted: Targets) -> Tensor:
    """Weighted sum over the heads; each a mean over the rows that teach it."""
    risk, kind, goemotions, feelings, stressors, severity = (output.float() for output in outputs[:6])
    binary = nn.functional.binary_cross_entropy_with_logits
    smooth = wanted.levels * (1 - 2 * _SMOOTHING) + _SMOOTHING
    parts = {
        "risk": _mean(binary(risk, smooth, reduction="none").sum(1), wanted.level_weight),
        "goemotions": _mean(binary(goemotions, wanted.goemotions, reduction="none").sum(1), wanted.has_goemotions),
        "feelings": _mean(_shares_loss(feelings, wanted.feelings), wanted.feelings.sum(1)),
        "stressors": _mean(_shares_loss(stressors, wanted.stressors), wanted.stressors.sum(1)),
        "severity": _mean((severity.squeeze(1).sigmoid() - wanted.severity) ** 2, wanted.has_severity),
    }
    if bool((wanted.kinds >= 0).any()):
        parts["kind"] = nn.functional.cross_entropy(kind, wanted.kinds, ignore_index=-1)
    return torch.stack([WEIGHTS[name] * part for name, part in parts.items()]).sum()


def _shares_loss(logits: Tensor, shares: Tensor) -> Tensor:
    return -(shares * nn.functional.log_softmax(logits, dim=1)).sum(1)


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp(min=1.0)


def pad(tokens: Sequence[Tokens]) -> Inputs:
    """Ids, mask and types padded with 0 to the longest row."""
    width = max(len(one.ids) for one in tokens)
    ids, mask, types = (torch.zeros(len(tokens), width, dtype=torch.long) for _ in range(3))
    for place, one in enumerate(tokens):
        ids[place, : len(one.ids)] = torch.tensor(one.ids)
        mask[place, : len(one.ids)] = 1
        types[place, : len(one.types)] = torch.tensor(one.types)
    return ids, mask, types
