"""Timed measurements of a person: the common store."""
