"""First pair of eyes of the chat: rules, context and a learned head; the highest stands. No torch, no network."""

from ml.risk.assessing import VERSION, assess, self_check
from ml.risk.state import RiskState, advance, clear, lower_one_step

__all__ = ["VERSION", "RiskState", "advance", "assess", "clear", "lower_one_step", "self_check"]
