"""Changes the adapter of a model that is already loaded, when the registry says so."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from peft import PeftModel

from ml.llm import adapters
from ml.llm.adapters import Adapter, AdapterError, Registry
from ml.llm.transformers.loading import LoadedModel, attach_adapter
from ml.llm.transformers.loop import Exchange
from ml.types import EngineUnavailable

logger = logging.getLogger(__name__)


class AdapterWatch:
    """Looks at the registry between turns. Not for several threads at once: its caller holds a lock."""

    def __init__(self, file: str) -> None:
        self._file = Path(file) if file else None
        self._stamp: tuple[int, int] | None = None
        self._version = -1
        self._folder = self._label = ""

    def first(self, loaded: LoadedModel) -> LoadedModel:
        """A model just loaded, with the adapter of the registry on it.

        Raises:
            EngineUnavailable: that adapter may not be used.
        """
        if self._file is None:
            return loaded
        self._stamp = self._stamped()
        try:
            registry = adapters.read(self._file)
            self._version = registry.version
            model, label = self._put(loaded.model, registry.current)
        except AdapterError as error:
            raise EngineUnavailable(str(error)) from error
        return replace(loaded, model=model, adapter=label)

    def change(self) -> Exchange | None:
        """How to change the model, where the registry has a new version; None where all is as it was."""
        registry = self._newer()
        if registry is None:
            return None
        self._version = registry.version
        return lambda model: self._exchange(model, registry.current)

    def _newer(self) -> Registry | None:
        """The registry, read only where its file changed."""
        stamp = self._stamped()
        if self._file is None or stamp == self._stamp:
            return None
        self._stamp = stamp
        try:
            registry = adapters.read(self._file)
        except AdapterError as error:
            logger.error("the adapter stays as it is: %s", error)
            return None
        return registry if registry.version != self._version else None

    def _exchange(self, model: Any, adapter: Adapter | None) -> tuple[Any, str]:
        """Runs in the decode loop. What cannot be used is refused before the old adapter is touched."""
        before, label = self._folder, self._label
        try:
            model, label = self._put(model, adapter)
            logger.info("replies are now written with adapter %s", label or "(none)")
        except AdapterError as error:
            logger.error("the adapter stays as it is: %s", error)
        except EngineUnavailable as error:
            logger.error("the adapter stays as it is: %s", error)
            model = attach_adapter(_bare(model), before).eval() if before else _bare(model).eval()
        return model, label

    def _put(self, model: Any, adapter: Adapter | None) -> tuple[Any, str]:
        if adapter is not None:
            adapters.verify(adapter)
        model = _bare(model)
        if adapter is not None:
            model = attach_adapter(model, adapter.folder)
        self._folder, self._label = (adapter.folder, adapter.label) if adapter is not None else ("", "")
        return model.eval(), self._label

    def _stamped(self) -> tuple[int, int] | None:
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def _bare(model: Any) -> Any:
    """The base under an adapter, as it was before."""
    return model.unload() if isinstance(model, PeftModel) else model
