"""Names of the encoder's outputs, in the order of their columns."""

from __future__ import annotations

# Chance of at least low, moderate, high, imminent: what is owed grows with each.
LEVELS = ("support", "flag", "page", "imminent")
KINDS = (
    "neutral",
    "everyday_distress",
    "ideation_passive",
    "ideation_active",
    "plan",
    "attempt_in_progress",
    "self_harm",
    "harm_others",
    "abuse_disclosure",
    "psychosis",
    "eating_disorder",
    "third_person",
    "past_history",
    "fiction",
    "idiom",
    "negation",
    "grief",
    "medical_question",
    "jailbreak",
)
# Everyday stressors of the SAD set (Mauriello et al. 2021), under our names.
STRESSORS = (
    "work",
    "school",
    "money",
    "family",
    "relationships",
    "health",
    "emotional_turmoil",
    "decisions",
    "other",
)
OUTPUTS = ("risk", "kind", "goemotions", "feelings", "stressors", "severity", "vector")
