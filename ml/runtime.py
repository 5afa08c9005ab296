"""Builds the configured reply engine. The one place that imports late, so that torch stays out of the web process."""

from __future__ import annotations

from ml.config import EngineConfig
from ml.types import LanguageModel


def build_language_model(config: EngineConfig) -> LanguageModel:
    """Load and give back the engine that `config` names.

    Raises:
        EngineUnavailable: the model cannot be loaded; the text says why.
    """
    if config.candidates > 1:
        from ml.llm.candidates import Chooser
        from ml.llm.companion import Companion

        return Chooser(_build(config), Companion(), config.candidates)
    return _build(config)


def _build(config: EngineConfig) -> LanguageModel:
    if config.backend == "transformers":
        from ml.llm.transformers.engine import TransformersEngine

        return TransformersEngine(config)
    if config.backend == "openai":
        from ml.llm.openai import OpenAIEngine

        return OpenAIEngine(config)
    from ml.llm.companion import Companion

    return Companion()
