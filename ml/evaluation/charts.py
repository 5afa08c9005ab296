"""A small writer of SVG drawings for reports: shapes and axes, no library. Knows nothing of what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

INK, SOFT, GRID = "#1f2c2c", "#516060", "#d9d6cc"
BLUE, AMBER, GREEN = "#5a6fa8", "#b7791f", "#1d6a64"
_FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif"


class Drawing:
    """Shapes on white paper, in the order they are added. All measures are pixels, y grows downwards."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height, self.title = width, height, title
        self.parts: list[str] = []

    def add(self, name: str, text: str = "", /, **attributes: object) -> None:
        """One element; `_` in a name stands for `-`, numbers are rounded to a tenth of a pixel."""
        written = "".join(f" {key.replace('_', '-')}={quoteattr(_plain(value))}" for key, value in attributes.items())
        self.parts.append(f"<{name}{written}>{escape(text)}</{name}>" if text else f"<{name}{written}/>")

    def line(self, start: tuple[float, float], end: tuple[float, float], **style: object) -> None:
        """A straight line."""
        style = {"stroke": GRID, "stroke_width": 1, **style}
        self.add("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], **style)

    def path(self, points: Sequence[tuple[float, float]], **style: object) -> None:
        """Points joined by straight lines; nothing for fewer than two."""
        if len(points) > 1:
            joined = " L".join(f"{_plain(x)} {_plain(y)}" for x, y in points)
            self.add("path", d=f"M{joined}", **{"fill": "none", "stroke": INK, "stroke_width": 1.5, **style})

    def dot(self, place: tuple[float, float], radius: float, **style: object) -> None:
        """A disc."""
        self.add("circle", cx=place[0], cy=place[1], r=radius, **{"fill": BLUE, **style})

    def write(
        self, place: tuple[float, float], text: str, *, size: float = 11, anchor: str = "start", **style: object
    ) -> None:
        """A short text; its baseline begins, is centred or ends at `place`."""
        style = {"fill": SOFT, **style}
        self.add("text", text, x=place[0], y=place[1], font_size=size, text_anchor=anchor, **style)

    def render(self) -> str:
        """The whole file."""
        size = f'width="{_plain(self.width)}" height="{_plain(self.height)}"'
        box = f'viewBox="0 0 {_plain(self.width)} {_plain(self.height)}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img" font-family={quoteattr(_FONT)}>'
        paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
        return "\n".join([head, f"<title>{escape(self.title)}</title>", paper, *self.parts, "</svg>"]) + "\n"

    def save(self, path: Path) -> None:
        """Write the file; its folder is made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.render(), encoding="utf-8")


class Plot:
    """A square or oblong of a drawing with a scale from data to pixels."""

    def __init__(
        self,
        drawing: Drawing,
        corner: tuple[float, float],
        size: tuple[float, float],
        x_range: tuple[float, float] = (0.0, 1.0),
        y_range: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        self.drawing, self.corner, self.size = drawing, corner, size
        self.x_range, self.y_range = x_range, y_range

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a point of the data."""
        right = (x - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        up = (y - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        return self.corner[0] + right * self.size[0], self.corner[1] + (1 - up) * self.size[1]

    def grid(self, xs: Sequence[float], ys: Sequence[float], *, percent: bool = False) -> None:
        """Thin lines with their numbers, at these values of each axis."""
        for y in ys:
            left, right = self.at(self.x_range[0], y), self.at(self.x_range[1], y)
            self.drawing.line(left, right)
            self.drawing.write((left[0] - 6, left[1] + 4), _number(y, percent), size=10, anchor="end")
        for x in xs:
            low, high = self.at(x, self.y_range[0]), self.at(x, self.y_range[1])
            self.drawing.line(low, high)
            self.drawing.write((low[0], low[1] + 14), _number(x, percent), size=10, anchor="middle")


def _number(value: float, percent: bool) -> str:
    return f"{value:.0%}" if percent else f"{value:g}"


def _plain(value: object) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
