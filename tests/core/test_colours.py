"""The tokens keep WCAG 2.2 AA contrast in both colour schemes (4.5:1 for text, 3:1 for edges and focus)."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

TEXT = [
    ("ink", "bg"),
    ("ink", "surface"),
    ("ink", "surface-2"),
    ("ink-soft", "bg"),
    ("ink-soft", "surface"),
    ("ink-soft", "surface-2"),
    ("accent", "bg"),
    ("accent", "surface"),
    ("accent-strong", "bg"),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-strong"),
    ("accent-soft-ink", "accent-soft"),
    ("danger", "bg"),
    ("danger", "surface"),
    ("danger-ink", "danger"),
    ("danger-soft-ink", "danger-soft"),
    ("warn-soft-ink", "warn-soft"),
    ("ok-soft-ink", "ok-soft"),
]
EDGES = [
    ("line-strong", "surface"),
    ("line-strong", "bg"),
    ("focus", "bg"),
    ("focus", "surface"),
    ("accent", "surface-2"),
]


def schemes() -> dict[str, dict[str, str]]:
    css = Path(finders.find("core/tokens.css")).read_text()
    light_part, dark_part = css.split("@media (prefers-color-scheme: dark)")
    light = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", light_part))
    dark = {**light, **dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", dark_part))}
    return {"light": light, "dark": dark}


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (EDGES, 3.0)], ids=["text", "edges"])
def test_contrast(scheme, pairs, least):
    colours = schemes()[scheme]
    weak = {pair: round(ratio, 2) for pair in pairs if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < least}
    assert weak == {}


def test_dark_is_another_scheme():
    assert schemes()["light"]["bg"] != schemes()["dark"]["bg"]
