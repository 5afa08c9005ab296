"""Management of `therapy.safety`."""
