"""What an inference worker does besides tasks: warm the engine, say that it is alive, close the engine at the end."""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery.signals import worker_ready, worker_shutdown

from ml.types import EngineError
from therapy.chat import leases
from therapy.core import engines

logger = logging.getLogger(__name__)

_alive: list[threading.Event] = []


def _is_inference(worker: Any) -> bool:
    return "inference" in worker.app.amqp.queues.consume_from


@worker_ready.connect
def begin(sender: Any, **kwargs: object) -> None:
    """Build the engine before the first person waits for it, then say that replies can be written."""
    if not _is_inference(sender):
        return
    try:
        engines.language_model()
        engines.companion()
    except EngineError:
        logger.warning("the companion answers until the engine can be built")
    _alive.append(leases.start_alive_signal())


@worker_shutdown.connect
def end(**kwargs: object) -> None:
    """Stop the alive signal and free the engine."""
    for event in _alive:
        event.set()
    engines.close()
