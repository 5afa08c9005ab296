"""What a person in crisis has at hand: a safety plan, somebody they trust, a call back, a question the next day."""
