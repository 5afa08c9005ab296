"""Template tags of the on-call room."""
