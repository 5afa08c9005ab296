"""Attention over what somebody did and how their body was: the state (a, e, r) now, how sure, and what mattered."""
