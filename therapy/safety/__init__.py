"""Screening, a person's risk state, flags, alerts and the hotline table."""
