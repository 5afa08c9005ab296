"""The person of the daily drill: an account without a password, whose rows count in no report and wake nobody."""

from __future__ import annotations

from uuid import UUID

PERSON_ID = UUID("d0d0d0d0-0000-4000-8000-00000000d411")
USERNAME = "attune-drill"
