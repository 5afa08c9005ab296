"""Who follows up on danger: apps above register a function, called in the transaction that writes a flag of high level.

Safety itself knows nothing of what they do. A follower must be quick and write to the database only.
"""

from __future__ import annotations

from collections.abc import Callable

from therapy.safety.models import RiskFlag

Follower = Callable[[RiskFlag], None]

_followers: dict[str, Follower] = {}


def register(name: str, follower: Follower) -> None:
    """Be told of every flag at high and above; the same name again replaces the earlier one."""
    _followers[name] = follower


def tell(flag: RiskFlag) -> None:
    """Tell everybody who registered."""
    for follower in _followers.values():
        follower(flag)
