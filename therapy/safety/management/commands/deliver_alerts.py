"""`manage.py deliver_alerts`: run the timers of alerts and send what is due; needs Postgres and the channels only."""

from __future__ import annotations

import logging
import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connections

from therapy.safety import delivery

logger = logging.getLogger(__name__)

INTERVAL = 2.0
LONGEST_WAIT = 30.0
# A channel that hangs is left to its threads after this many seconds; timers and the other channels go on.
PATIENCE = 1.0


class Command(BaseCommand):
    """Loop over due alerts until told to stop."""

    help = "Move alerts on and send what is due without broker or queue, every two seconds; --once for a single round."
    # The last line of defence starts whatever a check has to say.
    requires_system_checks: list[str] = []
    stopping = threading.Event()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--once for a single round, --interval for another pace."""
        parser.add_argument("--once", action="store_true", help="one round, then end")
        parser.add_argument("--interval", type=float, default=INTERVAL, help="seconds between rounds")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        if options["once"]:
            self.stdout.write(f"sent {delivery.sweep()}")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._loop(options["interval"])

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def _loop(self, interval: float) -> None:
        wait = interval
        while not self.stopping.is_set():
            wait = interval if self._round() else min(wait * 2, LONGEST_WAIT)
            self.stopping.wait(wait)

    def _round(self) -> bool:
        """One sweep. False where Postgres is away: the connection is thrown away and tried again later."""
        try:
            delivery.sweep(patience=PATIENCE)
        except (OperationalError, InterfaceError) as error:
            logger.warning("postgres is away (%s): alerts wait", type(error).__name__)
            connections.close_all()
            return False
        return True
