"""Loads the library of techniques, articles, practices and the graph, and refuses it whole if anything is wrong.

Every field and every reference is checked; all faults are told at once, each with file, line and field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from ml.planning.fields import Fields
from ml.planning.reading import Known, read_article, read_practice, read_technique
from ml.planning.records import (
    REVIEW_STATES,
    Article,
    Bilingual,
    Constraint,
    Edge,
    Library,
    Practice,
    Review,
    Technique,
    as_state,
)

FOLDER = Path(__file__).resolve().parent.parent / "data" / "library"
FILES = ("techniques.jsonl", "graph.json", "articles.jsonl", "practices.jsonl", "reviews.jsonl")

Record = TypeVar("Record", Technique, Article, Practice)


class LibraryError(ValueError):
    """The library cannot be used. `faults` lists everything that is wrong."""

    def __init__(self, faults: list[str]) -> None:
        shown = "\n  ".join(faults[:50])
        super().__init__(f"the library has {len(faults)} fault(s):\n  {shown}")
        self.faults = tuple(faults)


def load(folder: Path = FOLDER) -> Library:
    """Read and validate the library in `folder`.

    Raises:
        LibraryError: a file, field or reference is wrong, or a file is not the one the manifest names.
    """
    faults: list[str] = []
    texts = {name: _text(folder / name, faults) for name in (*FILES, "manifest.json")}
    version = _check_manifest(texts, faults)
    graph = Fields("graph.json", _json("graph.json", texts["graph.json"], faults), faults)
    constraints = _constraints(graph, faults)
    problem_edges = _edges(graph, "problem_mechanism", ("problem", "mechanism"), faults)
    technique_edges = _edges(graph, "mechanism_technique", ("mechanism", "technique"), faults)
    graph.end()
    reviews = _reviews(texts["reviews.jsonl"], faults)
    known = Known(
        problems=frozenset(edge.source for edge in problem_edges),
        mechanisms=frozenset(edge.target for edge in problem_edges),
        cautions=frozenset(constraints),
    )
    library = Library(
        version=version,
        techniques=_records("techniques.jsonl", texts, lambda row: read_technique(row, known, reviews), faults),
        articles=_records("articles.jsonl", texts, lambda row: read_article(row, known, reviews), faults),
        practices=_records("practices.jsonl", texts, lambda row: read_practice(row, known, reviews), faults),
        problem_edges=problem_edges,
        technique_edges=technique_edges,
        constraints=constraints,
    )
    _check_references(library, reviews, known, faults)
    if faults:
        raise LibraryError(faults)
    return library


def _text(path: Path, faults: list[str]) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{path.name}: cannot be read ({type(error).__name__})")
        return ""


def _json(place: str, text: str, faults: list[str]) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        faults.append(f"{place}: is not JSON ({error})")
        return {}


def _check_manifest(texts: Mapping[str, str], faults: list[str]) -> str:
    """Version of the library; each file must be the one whose SHA-256 the manifest holds."""
    fields = Fields("manifest.json", _json("manifest.json", texts["manifest.json"], faults), faults)
    version = fields.text("version")
    if len(version) > 40:
        fields.fault("version", "must be at most 40 characters")
    hashes = Fields("manifest.json.sha256", fields.value("sha256"), faults)
    for name in FILES:
        if hashes.text(name) != hashlib.sha256(texts[name].encode()).hexdigest():
            faults.append(
                f"{name}: is not the file of version {version} (after an edit: python -m ml.planning.manifest VERSION)"
            )
    hashes.end()
    fields.end()
    return version


def _lines(name: str, text: str, faults: list[str]) -> list[Fields]:
    rows = enumerate(text.splitlines(), start=1)
    return [Fields(f"{name}:{line}", _json(f"{name}:{line}", row, faults), faults) for line, row in rows if row.strip()]


def _records(
    name: str, texts: Mapping[str, str], read: Callable[[Fields], Record], faults: list[str]
) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for fields in _lines(name, texts[name], faults):
        record = read(fields)
        if record.id in records:
            fields.fault("id", "stands in the file twice")
        records[record.id] = record
    if not records:
        faults.append(f"{name}: holds no record")
    return records


def _reviews(text: str, faults: list[str]) -> dict[str, Review]:
    reviews: dict[str, Review] = {}
    for fields in _lines("reviews.jsonl", text, faults):
        key, state, note = fields.id(), fields.choice("state", REVIEW_STATES), fields.value("note")
        fields.end()
        if key in reviews:
            fields.fault("id", "stands in the file twice")
        reviews[key] = Review(as_state(state), note if isinstance(note, str) else "")
    return reviews


def _objects(graph: Fields, name: str, faults: list[str]) -> list[Fields]:
    rows = graph.value(name)
    if not isinstance(rows, list) or not rows:
        graph.fault(name, "must be a list that is not empty")
        return []
    return [Fields(f"graph.json.{name}[{place}]", row, faults) for place, row in enumerate(rows)]


def _constraints(graph: Fields, faults: list[str]) -> dict[str, Constraint]:
    constraints: dict[str, Constraint] = {}
    for fields in _objects(graph, "constraints", faults):
        tag = fields.text("not_for")
        if tag in constraints:
            fields.fault("not_for", f"{tag!r} stands in the file twice")
        constraints[tag] = Constraint(tag, Bilingual(fields.text("rule_en"), fields.text("rule_zh")))
        fields.end()
    return constraints


def _edges(graph: Fields, name: str, ends: tuple[str, str], faults: list[str]) -> tuple[Edge, ...]:
    edges: dict[tuple[str, str], Edge] = {}
    for fields in _objects(graph, name, faults):
        source, target = fields.text(ends[0]), fields.text(ends[1])
        weight = fields.number("weight", 0.01, 1.0)
        if (source, target) in edges:
            fields.fault("", f"{source} to {target} stands in the file twice")
        edges[source, target] = Edge(source, target, weight, Bilingual(fields.text("why_en"), fields.text("why_zh")))
        fields.end()
    return tuple(edges.values())


def _check_references(library: Library, reviews: Mapping[str, Review], known: Known, faults: list[str]) -> None:
    _check_graph(library, known, faults)
    families = {technique.family for technique in library.techniques.values()}
    targets = families | set(library.techniques)
    for article in library.articles.values():
        place = f"articles.jsonl ({article.id})"
        unknown = [name for name in article.techniques if name not in targets]
        faults.extend(f"{place}.techniques: {name!r} is neither a technique nor a family" for name in unknown)
        unknown = [name for name in article.practices if name not in library.practices]
        faults.extend(f"{place}.practices: {name!r} is not known" for name in unknown)
    for practice in library.practices.values():
        others = set(library.practices) - {practice.id}
        place = f"practices.jsonl ({practice.id})"
        unknown = [name for name in practice.alternatives if name not in others]
        faults.extend(f"{place}.alternatives: {name!r} is not another practice" for name in unknown)
    items = {*library.techniques, *library.articles, *library.practices}
    faults.extend(f"reviews.jsonl: {name!r} has no review state" for name in sorted(items - set(reviews)))
    faults.extend(f"reviews.jsonl: {name!r} is not an item" for name in sorted(set(reviews) - items))


def _check_graph(library: Library, known: Known, faults: list[str]) -> None:
    for edge in library.technique_edges:
        if edge.source not in known.mechanisms:
            faults.append(f"graph.json: mechanism {edge.source!r} belongs to no problem")
        if edge.target not in library.techniques:
            faults.append(f"graph.json: technique {edge.target!r} is not known")
    reached = {edge.target for edge in library.technique_edges}
    lonely = sorted(set(library.techniques) - reached)
    faults.extend(f"graph.json: no mechanism leads to technique {name!r}" for name in lonely)
