"""Techniques and the typed graph problem, mechanism, technique."""
