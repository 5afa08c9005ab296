"""Made-up people: hours of signals with a known inner state and planted causes, to train and to judge on.

Nothing here was measured on anybody. docs/attention.md says what was assumed and where each assumption comes from.
"""
