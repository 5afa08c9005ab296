"""The embedded default reply engine: a dialogue planner over an authored, bilingual reply bank. No model weights."""

from ml.llm.companion.engine import Companion

__all__ = ["Companion"]
