"""Reads of the library for the apps: the files of this version, with what staff changed and reviewed laid over them."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Count, Max

from ml.planning.drafting import HIGH_RISK
from ml.planning.library import FOLDER, load
from ml.planning.records import REVIEW_STATES, Library, Review, Technique
from therapy.library import merging
from therapy.library.models import Kind, LibraryItem

BREATHING, SLOW_BREATH = "breathing", "prac-breath-46"
# Workers look so often whether staff decided something; the process that decided knows at once.
LOOK_EVERY_SECONDS = 5.0
_NOT_REVIEWED = Review("withheld", "reviews are required here, and no clinician has read this")
_COUNTED = (LibraryItem.State.REVIEWED, LibraryItem.State.RETIRED)


@dataclass(slots=True)
class _Seen:
    """The last look at what staff decided: a stamp that differs whenever a decision was made."""

    stamp: str = ""
    until: float = float("-inf")


_seen = _Seen()


@lru_cache(maxsize=1)
def shipped() -> Library:
    """The library of the files alone. Needs no database.

    Raises:
        LibraryError: it was changed and is not valid; `check` says the same at start.
    """
    return load()


def whole_library() -> Library:
    """Everything with its review state, as staff see it; the same object until somebody decides something."""
    return _merged(_stamp())


def library() -> Library:
    """What may be used for people. Where reviews are required, what no clinician has read is withheld."""
    return _for_people(_stamp(), settings.LIBRARY_REQUIRES_REVIEW)


def forget() -> None:
    """Look again at what staff decided."""
    _seen.until = float("-inf")


def _stamp() -> str:
    now = time.monotonic()
    if now >= _seen.until:
        counted = LibraryItem.objects.filter(state__in=_COUNTED).aggregate(n=Count("pk"), last=Max("changed_at"))
        _seen.stamp = f"{counted['n']}-{counted['last'].timestamp():.6f}" if counted["n"] else ""
        _seen.until = now + LOOK_EVERY_SECONDS
    return _seen.stamp


@lru_cache(maxsize=2)
def _merged(stamp: str) -> Library:
    if not stamp:
        return shipped()
    rows = LibraryItem.objects.filter(state__in=_COUNTED).order_by("kind", "key", "version")
    # The newest decided version of each item is the last one seen.
    return merging.merged(shipped(), {(row.kind, row.key): row for row in rows}.values())


@lru_cache(maxsize=4)
def _for_people(stamp: str, requires_review: bool) -> Library:
    whole = _merged(stamp)
    if not requires_review:
        return whole
    return replace(
        whole,
        techniques={key: replace(one, review=_strict(one.review)) for key, one in whole.techniques.items()},
        articles={key: replace(one, review=_strict(one.review)) for key, one in whole.articles.items()},
        practices={key: replace(one, review=_strict(one.review)) for key, one in whole.practices.items()},
    )


def _strict(review: Review) -> Review:
    return review if review.state == "approved" else _NOT_REVIEWED


def is_usable(review: Review) -> bool:
    """Whether an item with this review may be shown to people."""
    return review.state in ("approved", "unreviewed")


def technique(technique_id: str) -> Technique | None:
    """One technique; None where a plan holds a step of the person's own or one that is no longer in the library."""
    return library().techniques.get(technique_id)


def is_out_at_high_risk(one: Technique) -> bool:
    """Whether the library forbids a technique while risk is high: a person comes first then."""
    return HIGH_RISK in one.not_for


def pacer_of(technique_id: str) -> Mapping[str, float]:
    """Seconds of each part of a breath for a breathing technique, as the practice of slow breathing has them."""
    one = technique(technique_id)
    if one is None or BREATHING not in one.tags:
        return {}
    return next((phase.pacer for phase in library().practices[SLOW_BREATH].phases if phase.pacer), {})


def body_of(kind: str, key: str) -> dict[str, Any] | None:
    """The fields of an item as they stand now, to be edited: those that staff wrote last, else those of the files."""
    row = LibraryItem.objects.filter(kind=kind, key=key, state__in=_COUNTED).order_by("-version").first()
    if row is not None:
        return dict(row.body)
    return _shipped_bodies().get((kind, key))


@lru_cache(maxsize=1)
def _shipped_bodies() -> dict[tuple[str, str], dict[str, Any]]:
    """The lines of the files as they are, without their ids."""
    bodies: dict[tuple[str, str], dict[str, Any]] = {}
    for kind in Kind.values:
        for line in (FOLDER / f"{kind}s.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            bodies[kind, row.pop("id")] = row
    return bodies


def versions_of(kind: str, key: str) -> list[LibraryItem]:
    """Everything that staff wrote of an item, newest first."""
    rows = LibraryItem.objects.filter(kind=kind, key=key).select_related("author", "decided_by")
    return list(rows.order_by("-version"))


def waiting() -> list[LibraryItem]:
    """Drafts that wait for a second person, oldest first."""
    return list(
        LibraryItem.objects.filter(state=LibraryItem.State.DRAFT).select_related("author").order_by("created_at")
    )


def requires_review() -> bool:
    """Whether only what a clinician has read may be used for people."""
    return bool(settings.LIBRARY_REQUIRES_REVIEW)


def review_counts() -> list[tuple[str, int]]:
    """How many items stand in each review state."""
    whole = whole_library()
    counts: Counter[str] = Counter(item.review.state for item in whole.techniques.values())
    counts.update(item.review.state for item in whole.articles.values())
    counts.update(item.review.state for item in whole.practices.values())
    return [(state, counts[state]) for state in REVIEW_STATES]
