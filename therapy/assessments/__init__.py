"""Questionnaires about how somebody has been: filled in, added up, followed up, drawn over time."""
