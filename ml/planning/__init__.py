"""Chooses, orders and justifies the steps of a personal plan from the library graph. No Django; data files only."""
