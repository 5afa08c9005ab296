"""Management commands of `therapy.core`."""
