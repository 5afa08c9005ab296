"""One small bilingual encoder with many heads: risk, kind, emotion, stressor and a sentence vector.

Chinese is read by the English encoder through a word-by-word gloss (`ml.encoder.gloss`).
"""
