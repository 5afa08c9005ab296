"""Fewer points for the same picture: of each stretch of time, the lowest and the highest value stay."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[int, float]


def thin(points: Sequence[Point], *, most: int = 600) -> list[Point]:
    """At most about `most` of the points, oldest first; the first, the last and every extreme of a stretch are kept."""
    if len(points) <= most:
        return list(points)
    stretches = max(1, most // 2 - 1)
    first, last = points[0], points[-1]
    width = max(1, (last[0] - first[0]) // stretches + 1)
    kept: dict[int, tuple[Point, Point]] = {}
    for point in points:
        place = (point[0] - first[0]) // width
        low, high = kept.get(place, (point, point))
        kept[place] = (point if point[1] < low[1] else low, point if point[1] > high[1] else high)
    chosen = {first, last}
    for low, high in kept.values():
        chosen |= {low, high}
    return sorted(chosen)
