"""Lets a LoRA adapter speak, or takes it back; workers notice between two turns, without a restart."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ml.config import ConfigurationError, EngineConfig
from ml.llm.adapters import AdapterError, Registry, promote, read, rollback


class Command(BaseCommand):
    """`manage.py adapters list|promote|rollback`; the registry is the file that LLM_ADAPTER_REGISTRY names."""

    help = "List LoRA adapters, let one speak (promote), or go back to the former one (rollback)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One word, and what it needs."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="which adapter speaks, and which spoke before")
        promoting = actions.add_parser("promote", help="let an adapter speak from the next turn on")
        promoting.add_argument("folder", type=Path, help="as `python -m ml.training lora` wrote it")
        promoting.add_argument("--name", default="", help="its name in the registry; otherwise the folder's")
        actions.add_parser("rollback", help="go back to what spoke before")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say what speaks now."""
        try:
            config = EngineConfig.from_environ(os.environ)
            if not config.adapter_registry:
                raise CommandError(
                    "LLM_ADAPTER_REGISTRY names no file. Set it, with LLM_BACKEND=transformers and LLM_MODEL, for this "
                    "command and for the inference workers alike"
                )
            file = Path(config.adapter_registry)
            if options["action"] == "promote":
                registry = promote(file, options["folder"], config.model, options["name"])
            elif options["action"] == "rollback":
                registry = rollback(file)
            else:
                registry = read(file)
        except (AdapterError, ConfigurationError) as error:
            raise CommandError(str(error)) from error
        self._tell(registry)

    def _tell(self, registry: Registry) -> None:
        current = registry.current
        for adapter in registry.adapters:
            mark = "*" if adapter == current else " "
            self.stdout.write(
                f"{mark} {adapter.label}  for {adapter.base}  promoted {adapter.promoted_at}  "
                f"exposure {adapter.exposure_median_bits} bits  {adapter.folder}"
            )
        speaks = current.label if current else "the base alone"
        before = " < ".join(name or "(base)" for name in reversed(registry.history[:-1]))
        self.stdout.write(f"version {registry.version}: {speaks} speaks" + (f"; before it: {before}" if before else ""))
