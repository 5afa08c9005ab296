"""The output guard: vets every assistant text, whoever wrote it, before a person sees it."""

from ml.llm.guard.check import check
from ml.llm.guard.stream import broken_rules, guarded

__all__ = ["broken_rules", "check", "guarded"]
