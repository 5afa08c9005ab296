"""Guided skills inside the chat: each is data in `ml/data/skills`, one machine leads through all of them."""

from ml.llm.companion.skills.machine import Spoken, is_urgent, is_wanted, offer, resume, turn

__all__ = ["Spoken", "is_urgent", "is_wanted", "offer", "resume", "turn"]
