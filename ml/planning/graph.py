"""The graph of a library made ready for arithmetic: paths of each technique, and which mechanisms techniques share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.planning.records import Edge, Library

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Path:
    """Problem, mechanism, technique: the product of both weights, and the edge that says why the technique helps."""

    problem: str
    weight: float
    edge: Edge


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """`place` numbers the techniques; `shares` has a row a technique, its mechanisms' weights, each row of length 1."""

    library: Library
    place: Mapping[str, int]
    paths: Mapping[str, tuple[Path, ...]]
    shares: Array


_kept: list[Graph] = []


def graph_of(library: Library) -> Graph:
    """The graph of a library; the last one is kept, because one library serves a whole process."""
    if not _kept or _kept[0].library is not library:
        _kept[:] = [_build(library)]
    return _kept[0]


def _build(library: Library) -> Graph:
    place = {name: number for number, name in enumerate(library.techniques)}
    mechanisms = {name: number for number, name in enumerate(sorted({e.source for e in library.technique_edges}))}
    shares = np.zeros((len(place), len(mechanisms)))
    for edge in library.technique_edges:
        shares[place[edge.target], mechanisms[edge.source]] = edge.weight
    lengths = np.sqrt((shares**2).sum(axis=1, keepdims=True))
    return Graph(library, place, _paths(library), shares / np.where(lengths > 0, lengths, 1.0))


def _paths(library: Library) -> dict[str, tuple[Path, ...]]:
    """Only problems that the technique itself names count; the strongest path stands first."""
    to_mechanism: dict[str, list[tuple[str, float]]] = {}
    for edge in library.problem_edges:
        to_mechanism.setdefault(edge.target, []).append((edge.source, edge.weight))
    found: dict[str, list[Path]] = {name: [] for name in library.techniques}
    for edge in library.technique_edges:
        for problem, weight in to_mechanism.get(edge.source, ()):
            if problem in library.techniques[edge.target].problems:
                found[edge.target].append(Path(problem, weight * edge.weight, edge))
    return {
        name: tuple(sorted(paths, key=lambda path: (-path.weight, path.problem, path.edge.source)))
        for name, paths in found.items()
    }
