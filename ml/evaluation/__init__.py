"""Evaluators behind one call shape: `python -m ml.evaluation <suite> --data FILE --json OUT`; no training here."""
