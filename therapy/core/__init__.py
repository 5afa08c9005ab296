"""What every app leans on: the door to ml, events, errors, metrics, health, base page and styles."""
