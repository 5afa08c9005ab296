"""What changed: for one person, and for the whole programme where enough people are in it. Never why."""
