"""Label sets of the emotion reader and the maps between them; tables only, no model.

GOEMOTIONS are the 28 names of Demszky et al. 2020 in the order of their data; EKMAN is that paper's grouping
with neutral; FEELINGS is the set the reply bank is written for.
"""

from __future__ import annotations

from collections.abc import Mapping

GOEMOTIONS = (
    "admiration",
    "amusement",
    "anger",
    "annoyance",
    "approval",
    "caring",
    "confusion",
    "curiosity",
    "desire",
    "disappointment",
    "disapproval",
    "disgust",
    "embarrassment",
    "excitement",
    "fear",
    "gratitude",
    "grief",
    "joy",
    "love",
    "nervousness",
    "optimism",
    "pride",
    "realization",
    "relief",
    "remorse",
    "sadness",
    "surprise",
    "neutral",
)

FEELINGS = (
    "neutral",
    "sadness",
    "fear",
    "anger",
    "shame",
    "guilt",
    "loneliness",
    "joy",
    "hope",
    "disgust",
    "relief",
    "surprise",
)

EKMAN = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")

# The paper's ekman_mapping.json, turned round.
EKMAN_OF_GOEMOTIONS: Mapping[str, str] = {
    "anger": "anger",
    "annoyance": "anger",
    "disapproval": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "nervousness": "fear",
    "joy": "joy",
    "amusement": "joy",
    "approval": "joy",
    "excitement": "joy",
    "gratitude": "joy",
    "love": "joy",
    "optimism": "joy",
    "relief": "joy",
    "pride": "joy",
    "admiration": "joy",
    "desire": "joy",
    "caring": "joy",
    "sadness": "sadness",
    "disappointment": "sadness",
    "embarrassment": "sadness",
    "grief": "sadness",
    "remorse": "sadness",
    "surprise": "surprise",
    "realization": "surprise",
    "confusion": "surprise",
    "curiosity": "surprise",
    "neutral": "neutral",
}

# Ours: what a companion would answer to. Approval, curiosity and realisation ask for no comfort, hence neutral.
FEELING_OF_GOEMOTIONS: Mapping[str, str] = {
    "admiration": "joy",
    "amusement": "joy",
    "anger": "anger",
    "annoyance": "anger",
    "approval": "neutral",
    "caring": "neutral",
    "confusion": "neutral",
    "curiosity": "neutral",
    "desire": "hope",
    "disappointment": "sadness",
    "disapproval": "anger",
    "disgust": "disgust",
    "embarrassment": "shame",
    "excitement": "joy",
    "fear": "fear",
    "gratitude": "joy",
    "grief": "sadness",
    "joy": "joy",
    "love": "joy",
    "nervousness": "fear",
    "optimism": "hope",
    "pride": "joy",
    "realization": "neutral",
    "relief": "relief",
    "remorse": "guilt",
    "sadness": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}

# XED marks the eight Plutchik emotions. Trust and anticipation are left out: in subtitles they say too little.
FEELING_OF_XED: Mapping[str, str] = {
    "anger": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "joy": "joy",
    "sadness": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}

EKMAN_OF_FEELING: Mapping[str, str] = {
    "neutral": "neutral",
    "sadness": "sadness",
    "fear": "fear",
    "anger": "anger",
    "shame": "sadness",
    "guilt": "sadness",
    "loneliness": "sadness",
    "joy": "joy",
    "hope": "joy",
    "disgust": "disgust",
    "relief": "joy",
    "surprise": "surprise",
}
