"""Text as the models read it: plain form with offsets back, language, sentences. No meaning is judged here."""

from ml.text.language import detect_language, split_sentences
from ml.text.normalising import LIMIT, Normalised, normalise, squeeze

__all__ = ["LIMIT", "Normalised", "detect_language", "normalise", "split_sentences", "squeeze"]
