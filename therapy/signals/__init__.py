"""Signals of body and behaviour, each allowed by its own switch: taken in, kept, and the state they speak of."""
