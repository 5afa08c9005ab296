"""Guided practice: breathing, grounding and attention meditation, with a look before and after, and small tests."""
