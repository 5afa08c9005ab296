"""Settings per environment: development (default, localhost only), test, production (no default secrets)."""
