"""What the page "Today" shows of each app: a few cards, asked for when the page is opened.

An app registers a provider in its `AppConfig.ready()`; the page knows no app by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TodayCard:
    """One small offer: what it is, one sentence why, one way to begin. Texts are translated by the provider."""

    key: str
    title: str
    text: str
    url: str
    action: str
    order: int = 50  # lower comes first
    stays_in_danger: bool = False  # only what is about safety is shown to somebody in danger


Provider = Callable[[UUID], Sequence[TodayCard]]
_providers: dict[str, Provider] = {}


def register_today(name: str, provider: Provider) -> None:
    """Let `provider(person_id)` contribute cards; a name registered again replaces the former one."""
    _providers[name] = provider


def cards_of(person_id: UUID, *, is_in_danger: bool = False) -> list[TodayCard]:
    """Every app's cards for this person, in order. In danger nothing is offered but what is about safety."""
    cards = [card for provider in _providers.values() for card in provider(person_id)]
    cards = [card for card in cards if card.stays_in_danger or not is_in_danger]
    return sorted(cards, key=lambda card: (card.order, card.key))
