"""Counters and histograms of the product (Prometheus). No label ever holds anything of a person."""

from prometheus_client import Counter, Histogram

TURNS = Counter("attune_turns_total", "Turns ended, by status", ["status"])
TURNS_FAILED = Counter("attune_turn_attempts_failed_total", "Attempts at a reply that ended in an error")
ENGINE_FALLBACKS = Counter("attune_engine_fallbacks_total", "Replies by the companion because the engine was away")
SCREENING_SECONDS = Histogram(
    "attune_screening_seconds",
    "Time to screen one message",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1.0),
)
SCREENING_FAULTS = Counter("attune_screening_faults_total", "Screenings that failed and were treated as moderate")
ALERTS = Counter("attune_alerts_total", "Alerts raised, by level", ["level"])
ALERT_DELIVERIES = Counter("attune_alert_deliveries_total", "Delivery attempts, by outcome", ["outcome"])
