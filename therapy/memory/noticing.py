"""The door to `ml` for memory: what of a message may be remembered, and a conversation in three lines."""

from __future__ import annotations

from ml.understanding.remembering import SINGLE as SINGLE
from ml.understanding.remembering import Noticed as Noticed
from ml.understanding.remembering import notice as notice
from ml.understanding.summing_up import Summary as Summary
from ml.understanding.summing_up import sum_up as sum_up
