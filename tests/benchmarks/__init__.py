"""Measurements, run by `make bench`: printed as tables, never asserted."""
