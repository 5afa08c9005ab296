"""Lays what staff wrote over the library of the files, read by the same field validation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ml.planning.fields import Fields
from ml.planning.reading import Known, read_article, read_practice, read_technique
from ml.planning.records import Article, Edge, Library, Practice, Review, Technique
from therapy.library.models import Kind, LibraryItem

# A technique that staff added hangs at the mechanisms it names, as strongly as an ordinary edge of the graph.
NEW_EDGE_WEIGHT = 0.5
VERSION_CHARACTERS = 40
Item = Technique | Article | Practice


def known_names(library: Library) -> Known:
    """Names that an item may refer to."""
    return Known(
        problems=frozenset(edge.source for edge in library.problem_edges),
        mechanisms=frozenset(edge.target for edge in library.problem_edges),
        cautions=frozenset(library.constraints),
    )


def items_of(library: Library, kind: str) -> Mapping[str, Item]:
    """The items of one kind by key."""
    if kind == Kind.TECHNIQUE:
        return library.techniques
    if kind == Kind.ARTICLE:
        return library.articles
    return library.practices


def read(
    kind: str, key: str, body: Mapping[str, object], library: Library, review: Review
) -> tuple[Item, tuple[str, ...]]:
    """The record of a body, and every fault with its field; where there is a fault, the record must not be used."""
    faults: list[str] = []
    fields = Fields(kind, {**body, "id": key}, faults)
    known, reviews = known_names(library), {key: review}
    item: Item
    if kind == Kind.TECHNIQUE:
        item = read_technique(fields, known, reviews)
    elif kind == Kind.ARTICLE:
        item = read_article(fields, known, reviews)
        faults += _unknown("techniques", item.techniques, {*library.techniques, *_families(library)})
        faults += _unknown("practices", item.practices, set(library.practices))
    else:
        item = read_practice(fields, known, reviews)
        faults += _unknown("alternatives", item.alternatives, set(library.practices) - {key})
    place = f"{kind} ({key})"
    return item, tuple(fault.removeprefix(place).removeprefix(kind).lstrip(".: ") for fault in faults)


def _families(library: Library) -> set[str]:
    return {technique.family for technique in library.techniques.values()}


def _unknown(field: str, names: Iterable[str], allowed: set[str]) -> list[str]:
    return [f"{field}: {name!r} is not known" for name in names if name not in allowed]


def review_of(row: LibraryItem, shipped: Library) -> Review:
    """What a decision means for use: only a clinician's reading releases what the files hold back."""
    if row.state == LibraryItem.State.RETIRED:
        return Review("withheld", "taken out by staff")
    if row.read_as == LibraryItem.ReadAs.CLINICIAN:
        return Review("approved")
    former = items_of(shipped, row.kind).get(row.key)
    if former is not None and former.review.state in ("clinician_first", "withheld"):
        return former.review
    return Review("unreviewed", "read by a colleague, not by a clinician")


def merged(shipped: Library, rows: Iterable[LibraryItem]) -> Library:
    """The library with one decided row an item laid over it. A row that no longer reads is passed over as withheld."""
    techniques, articles, practices = dict(shipped.techniques), dict(shipped.articles), dict(shipped.practices)
    edges: list[Edge] = []
    count = 0
    for row in rows:
        count += 1
        review = review_of(row, shipped)
        item, faults = read(row.kind, row.key, row.body, shipped, review)
        if faults:
            item = replace(item, review=Review("withheld", "no longer fits the library"))
        if isinstance(item, Technique):
            techniques[row.key] = item
            edges += _edges_of(item) if row.key not in shipped.techniques else []
        elif isinstance(item, Article):
            articles[row.key] = item
        else:
            practices[row.key] = item
    return replace(
        shipped,
        version=f"{shipped.version}+{count}"[:VERSION_CHARACTERS],
        techniques=techniques,
        articles=articles,
        practices=practices,
        technique_edges=(*shipped.technique_edges, *edges),
    )


def _edges_of(technique: Technique) -> list[Edge]:
    return [Edge(mechanism, technique.id, NEW_EDGE_WEIGHT, technique.why) for mechanism in technique.mechanisms]
