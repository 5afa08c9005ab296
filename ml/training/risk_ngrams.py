"""First stage of the risk head: linear models over hashed n-grams of one message, fitted with and without authors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

from ml.risk.dense import HEADS, dense
from ml.risk.features import SIZE, Indices
from ml.training.risk_rows import Example

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FirstStage:
    """Linear heads over n-grams: idf (SIZE,), weights (4, SIZE), bias (4,)."""

    idf: Floats
    weights: Floats
    bias: Floats

    def scores(self, counts: sparse.csr_matrix) -> Floats:
        """Shape (rows, 4)."""
        return np.asarray(weighed(counts, self.idf) @ self.weights.T + self.bias)


def count_table(rows: list[Indices]) -> sparse.csr_matrix:
    """Shape (rows, SIZE): 1 + log of how often each n-gram stands in each text."""
    places, values, ends = [], [], [0]
    for row in rows:
        distinct, counts = np.unique(row, return_counts=True)
        places.append(distinct)
        values.append(1.0 + np.log(counts))
        ends.append(ends[-1] + len(distinct))
    if not rows:
        return sparse.csr_matrix((0, SIZE))
    return sparse.csr_matrix((np.concatenate(values), np.concatenate(places), ends), shape=(len(rows), SIZE))


def weighed(counts: sparse.csr_matrix, idf: Floats) -> sparse.csr_matrix:
    """Counts times idf, each row scaled to length 1."""
    table = counts @ sparse.diags(idf)
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    return sparse.diags(1.0 / np.where(lengths == 0, 1.0, lengths)) @ table


def fit_first(counts: sparse.csr_matrix, levels: Integers, strength: float, seed: int) -> FirstStage:
    """Fit one linear head for each cut of the level scale; n-grams seen in one text only are ignored."""
    documents = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.where(documents >= 2, np.log((1 + counts.shape[0]) / (1 + documents)) + 1.0, 0.0)
    table = weighed(counts, idf)
    weights, bias = np.zeros((len(HEADS), SIZE)), np.zeros(len(HEADS))
    for place in range(len(HEADS)):
        model = LogisticRegression(C=strength, solver="liblinear", class_weight="balanced", random_state=seed)
        model.fit(table, levels > place)
        weights[place], bias[place] = model.coef_[0], model.intercept_[0]
    return FirstStage(idf, weights, bias)


@dataclass(frozen=True, slots=True)
class Views:
    """The same rows read in three ways: in their context, alone, and after plain talk. Each of shape (rows, numbers).

    Of an encoder: its four level logits. Of the last stage: its inputs. Rows that have a context are after it alone.
    """

    context: Floats
    alone: Floats
    after: Floats

    def of(self, places: Integers) -> Views:
        """Some of the rows."""
        return Views(self.context[places], self.alone[places], self.after[places])


def second_inputs(stage: FirstStage, examples: list[Example], said: Floats, encoded: Floats) -> Floats:
    """Last-stage inputs of each example; `said`: what the first stage says of the messages, (rows, 4)."""
    turns = [turn for example in examples for turn in example.before]
    earlier = stage.scores(count_table(turns)) if turns else np.zeros((0, len(HEADS)))
    rows, place = [], 0
    for number, example in enumerate(examples):
        part = earlier[place : place + len(example.before)]
        place += len(example.before)
        before = (part.max(axis=0) if len(part) else np.full(len(HEADS), -3.0)).astype(np.float32)
        rows.append(dense(example.reading, said[number].astype(np.float32), before, encoded[number].astype(np.float32)))
    return np.stack(rows).astype(np.float64)


class FirstStages:
    """First stages by the authors they did not see; each is fitted once, for the folds meet them again."""

    def __init__(
        self, examples: list[Example], groups: npt.NDArray[np.str_], encoded: Views, strength: float, seed: int
    ) -> None:
        self.examples, self.groups, self.encoded, self.strength, self.seed = examples, groups, encoded, strength, seed
        # The authors that have scores; rows of the group "" only teach the n-grams.
        self.judged = sorted(set(groups) - {""})
        self.counts = count_table([example.message for example in examples])
        self.levels = np.array([example.level for example in examples])
        self._made: dict[frozenset[str], FirstStage] = {}

    def without(self, *groups: str) -> FirstStage:
        """The stage fitted on everybody else."""
        unseen = frozenset(groups)
        if unseen not in self._made:
            keep = np.flatnonzero(~np.isin(self.groups, list(unseen)))
            self._made[unseen] = fit_first(self.counts[keep], self.levels[keep], self.strength, self.seed)
        return self._made[unseen]

    def inputs(self, stage: FirstStage, own: Integers) -> Views:
        """Last-stage inputs of some rows."""
        chosen, said, encoded = (
            [self.examples[place] for place in own],
            stage.scores(self.counts[own]),
            self.encoded.of(own),
        )
        return Views(
            second_inputs(stage, chosen, said, encoded.context),
            second_inputs(stage, [example.read_alone() for example in chosen], said, encoded.alone),
            second_inputs(stage, [example.later or example for example in chosen], said, encoded.after),
        )

    def held_out(self, keep: Integers, *unseen: str) -> Views:
        """Inputs of the `keep` rows, each from a first stage that saw none of its author."""
        groups = sorted(set(self.groups[keep]))
        owns = [keep[self.groups[keep] == group] for group in groups]
        found = [self.inputs(self.without(group, *unseen), own) for group, own in zip(groups, owns, strict=True)]
        back = np.argsort(np.concatenate(owns))[np.argsort(np.argsort(keep))]
        joined = (np.concatenate([getattr(views, name) for views in found]) for name in ("context", "alone", "after"))
        return Views(*joined).of(back)
