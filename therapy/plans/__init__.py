"""Personal plans: drafted with reasons, approved, followed, revised."""
