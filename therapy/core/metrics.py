"""Counters of the turn (Prometheus). No label ever holds anything of a person."""

from prometheus_client import Counter

TURNS = Counter("attune_turns_total", "Turns ended, by status", ["status"])
TURNS_FAILED = Counter("attune_turn_attempts_failed_total", "Attempts at a reply that ended in an error")
ENGINE_FALLBACKS = Counter(
    "attune_engine_fallbacks_total", "Replies given by the companion because the engine was away"
)
