"""What `signals` keeps about a person: for their export and for erasure. The measurements are with `observations`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from therapy.signals import selectors, windows
from therapy.signals.models import DeviceToken, PersonState, SignalSwitch, SignalWindow

MODELS = (SignalSwitch, DeviceToken, SignalWindow, PersonState)


def export(person_id: UUID) -> dict[str, Any]:
    """Decisions, devices, windows, the kept state."""
    kept = selectors.kept_of(person_id)
    decisions = SignalSwitch.objects.filter(person_id=person_id).order_by("decided_at")
    belief = kept.belief
    return {
        "switches": [
            {"kind": row.kind, "text": row.text_version, "granted": row.granted, "at": row.decided_at}
            for row in decisions
        ],
        "devices": [
            {"name": one.name, "kinds": list(one.scopes), "made": one.created_at, "taken_away": one.is_revoked}
            for one in selectors.devices_of(person_id)
        ],
        "windows": [
            {"start": row.start, "sums": {name: list(pair) for name, pair in windows.opened(row).numbers.items()}}
            for row in SignalWindow.objects.filter(person_id=person_id).order_by("start")
        ],
        "ideal": dict(kept.ideal),
        "weighs": dict(kept.weighs),
        "said": dict(kept.said),
        "believed": belief.mean.tolist() if belief else None,
        "usual": kept.usual,
    }


def erase(person_id: UUID) -> int:
    """Delete everything."""
    return sum(model.objects.filter(person_id=person_id).delete()[0] for model in MODELS)
