"""Shared with the questionnaires: Alice, and a way to fill one in."""

from tests.assessments.conftest import at_home, fill_in

__all__ = ["at_home", "fill_in"]
