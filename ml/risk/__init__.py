"""First pair of eyes of the chat: rules, context and a learned head; the highest stands. No torch, no network."""

from ml.risk.assessing import UNEXPLAINED, VERSION, assess, explain, self_check
from ml.risk.state import RiskState, advance, clear, lower_one_step

__all__ = [
    "UNEXPLAINED",
    "VERSION",
    "RiskState",
    "advance",
    "assess",
    "clear",
    "explain",
    "lower_one_step",
    "self_check",
]
