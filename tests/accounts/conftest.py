"""What the tests of accounts share."""

import pytest


@pytest.fixture(autouse=True)
def _no_rate_limits(settings):
    """Many tests log in from one address within a minute."""
    settings.ACCOUNT_RATE_LIMITS = False
