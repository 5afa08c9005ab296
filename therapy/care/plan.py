"""The words of a safety plan as values: six steps after Stanley and Brown (2012), a reason, and somebody trusted.

The plan is the person's own; nothing here judges or fills it in. Stored as one sealed JSON document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

LINE_CHARACTERS = 300
PHONE_CHARACTERS = 40
# Lines a step has room for; a name with a number counts as one line.
LINES: Mapping[str, int] = {"signs": 3, "coping": 3, "places": 2, "safer": 3, "reasons": 1}
CONTACTS: Mapping[str, int] = {"trusted": 1, "company": 2, "helpers": 3, "professionals": 2}


@dataclass(frozen=True, slots=True)
class Contact:
    """A name and perhaps a number, as the person wrote them."""

    name: str
    phone: str = ""

    @property
    def dial(self) -> str:
        """The number as a link dials it; empty where there is none."""
        return re.sub(r"[^\d+*#]", "", self.phone)

    def message_link(self, text: str) -> str:
        """A link that opens a text message with `text` in it."""
        return f"sms:{self.dial}?body={quote(text)}" if self.dial else ""


@dataclass(frozen=True, slots=True)
class PlanWords:
    """Everything a plan says. Steps: signs 1, coping 2, company and places 3, helpers 4, professionals 5, safer 6."""

    signs: tuple[str, ...] = ()
    coping: tuple[str, ...] = ()
    company: tuple[Contact, ...] = ()
    places: tuple[str, ...] = ()
    helpers: tuple[Contact, ...] = ()
    professionals: tuple[Contact, ...] = ()
    safer: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    trusted: tuple[Contact, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been written yet."""
        return not any(getattr(self, name) for name in (*LINES, *CONTACTS))


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan opened for its person."""

    words: PlanWords = field(default_factory=PlanWords)
    updated_at: object | None = None


def to_json(words: PlanWords) -> str:
    """The plan as stored, before it is sealed."""
    return json.dumps(asdict(words), ensure_ascii=False)


def from_json(text: str) -> PlanWords:
    """The plan from what was stored; unknown parts are left out."""
    stored = json.loads(text)
    words: dict[str, Any] = {name: tuple(stored.get(name, ())) for name in LINES}
    words |= {name: tuple(Contact(**entry) for entry in stored.get(name, ())) for name in CONTACTS}
    return PlanWords(**words)
