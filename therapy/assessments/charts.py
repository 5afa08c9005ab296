"""What a chart of totals shows, as plain values for the page's script: points, ranges, the line. No markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from therapy.assessments.instruments import Instrument
from therapy.assessments.selectors import Result


def bands_of(instrument: Instrument, language: str) -> list[dict[str, Any]]:
    """The ranges of an instrument from the lowest total up; neighbours touch in the picture."""
    names = instrument.text(language).bands
    ends = [band.first for band in instrument.bands[1:]] + [instrument.highest]
    return [
        {"from": band.first, "to": end, "label": names[band.number], "range": f"{band.first}–{band.last}"}
        for band, end in zip(instrument.bands, ends, strict=True)
    ]


def history(results: Sequence[Result], instrument: Instrument, language: str) -> dict[str, Any]:
    """Totals over time with the ranges behind them."""
    name = instrument.text(language).name
    return {
        "label": _("{name} over time; the table below says the same").format(name=name),
        "x": [round(result.done_at.timestamp()) for result in results],
        "series": [{"label": name, "values": [result.score.total for result in results], "style": "line"}],
        "y": {"min": instrument.lowest, "max": instrument.highest},
        "bands": bands_of(instrument, language),
        "marks": [],
        "day": _("Day"),
    }
