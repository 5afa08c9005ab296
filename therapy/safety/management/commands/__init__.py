"""Commands of `therapy.safety`."""
