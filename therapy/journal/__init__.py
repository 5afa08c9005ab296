"""Check-ins and journal: how a moment was, in a few touches and the person's own words."""
