"""Which LoRA adapter the engine speaks with: a registry file that workers look at between turns.

An adapter enters only whole (hashes), made for the base in use (fingerprint), and tested for secrets that it might give
away (canaries). Imports no torch: the command that promotes runs anywhere.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

HASHES, BASE, CANARY, CARD = "SHA256SUMS", "base.json", "canary.json", "README.md"
NEEDED = ("adapter_config.json", "adapter_model.safetensors", BASE, CANARY, CARD)


class AdapterError(ValueError):
    """The adapter may not be used, or the registry cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter that was once promoted. `digest` is that of its list of hashes: it pins every file."""

    name: str
    folder: str
    digest: str
    base: str
    fingerprint: str
    exposure_median_bits: float
    promoted_at: str

    @property
    def label(self) -> str:
        """How replies name it in their provenance."""
        return f"{self.name}@{self.digest[:12]}"


@dataclass(frozen=True, slots=True)
class Registry:
    """`history`: names in the order of use, the last one speaks; an empty name is the base alone."""

    version: int = 0
    history: tuple[str, ...] = ("",)
    adapters: tuple[Adapter, ...] = ()

    @property
    def current(self) -> Adapter | None:
        """The adapter that speaks; None for the base alone."""
        return self.named(self.history[-1])

    def named(self, name: str) -> Adapter | None:
        """An adapter by its name."""
        return next((adapter for adapter in self.adapters if adapter.name == name), None)


def read(file: Path) -> Registry:
    """The registry; an empty one where there is no file yet.

    Raises:
        AdapterError: the file cannot be understood.
    """
    try:
        row = json.loads(file.read_text(encoding="utf-8"))
        adapters = tuple(Adapter(**adapter) for adapter in row["adapters"])
        return Registry(int(row["version"]), tuple(row["history"]), adapters)
    except FileNotFoundError:
        return Registry()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AdapterError(f"{file} is no registry of adapters: {error}") from error


def promote(file: Path, folder: Path, base: str, name: str = "") -> Registry:
    """Let an adapter speak from the next turn on.

    Raises:
        AdapterError: it is not whole, belongs to another base, or was not found free of secrets.
    """
    adapter = inspect(folder, base, name or folder.resolve().name)
    with _changing(file) as registry:
        known = registry.named(adapter.name)
        if known is not None and known.digest != adapter.digest:
            raise AdapterError(
                f"{adapter.name} is the name of another adapter in {file}; give this one its own (--name)"
            )
        if registry.history[-1] == adapter.name:
            raise AdapterError(f"{adapter.name} speaks already")
        others = tuple(one for one in registry.adapters if one.name != adapter.name)
        changed = Registry(registry.version + 1, (*registry.history, adapter.name), (*others, adapter))
        _write(file, changed)
    return changed


def rollback(file: Path) -> Registry:
    """Go back to what spoke before: an adapter, which is checked anew, or the base alone.

    Raises:
        AdapterError: nothing spoke before, or the former adapter is no longer what it was.
    """
    with _changing(file) as registry:
        if len(registry.history) < 2:
            raise AdapterError("there is nothing to go back to: no adapter was promoted")
        changed = replace(registry, version=registry.version + 1, history=registry.history[:-1])
        if changed.current is not None:
            verify(changed.current)
        _write(file, changed)
    return changed


def inspect(folder: Path, base: str, name: str) -> Adapter:
    """What a folder holds, if it may be used with `base`.

    Raises:
        AdapterError: it may not; the text says why.
    """
    digest = check_files(folder)
    made_for = _json(folder / BASE)
    wanted = base_fingerprint(base)
    if made_for.get("fingerprint") != wanted:
        raise AdapterError(
            f"{name} was made for {made_for.get('base')} ({str(made_for.get('fingerprint'))[:12]}), and the engine "
            f"speaks with {base} ({wanted[:12]}): another base, or the same one changed since"
        )
    canary = _json(folder / CANARY)
    if not canary.get("canaries"):
        raise AdapterError(
            f"{name} was trained without canaries: nobody knows whether it gives away what it learned from"
        )
    if canary.get("is_extractable", True):
        raise AdapterError(
            f"{name} gives away its training text: {canary.get('extracted')} of {canary['canaries']} canaries spelled "
            f"out, median exposure {canary.get('exposure_median_bits')} bits; train it anew for fewer epochs"
        )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    bits = float(canary["exposure_median_bits"])
    return Adapter(name, str(folder.resolve()), digest, base, wanted, bits, now)


def verify(adapter: Adapter) -> None:
    """See that the files are still those that were promoted.

    Raises:
        AdapterError: they are not.
    """
    if check_files(Path(adapter.folder)) != adapter.digest:
        raise AdapterError(f"{adapter.name}: the files in {adapter.folder} are not those that were promoted")


def check_files(folder: Path) -> str:
    """Compare every file with the folder's own list of hashes; gives back the digest of that list.

    Raises:
        AdapterError: a file is missing, or differs from its hash.
    """
    try:
        lines = [line.split("  ", 1) for line in (folder / HASHES).read_text("utf-8").splitlines()]
        listed = {name: value for value, name in lines}
    except (OSError, ValueError) as error:
        raise AdapterError(f"{folder} holds no list of hashes ({HASHES})") from error
    missing = [name for name in NEEDED if name not in listed or not (folder / name).is_file()]
    if missing:
        raise AdapterError(f"{folder} lacks {', '.join(missing)}, or its hash")
    for name, value in listed.items():
        if Path(name).name != name or file_hash(folder / name) != value:
            raise AdapterError(f"{folder / name} differs from its hash in {HASHES}")
    return file_hash(folder / HASHES)


def base_fingerprint(name: str) -> str:
    """Digest of a base model: shape, tokenizer, and of each file of weights its header, its size and its first MiB.

    Raises:
        AdapterError: there is no such model on this machine.
    """
    folder = Path(name)
    if not folder.is_dir():
        try:
            folder = Path(snapshot_download(name, local_files_only=True))
        except (OSError, HFValidationError, LocalEntryNotFoundError) as error:
            raise AdapterError(f"the base {name} is no directory and not in the cache of this machine") from error
    weights = sorted(folder.glob("*.safetensors"))
    if not weights or not (folder / "config.json").is_file():
        raise AdapterError(f"{folder} holds no model (config.json, *.safetensors)")
    digest = hashlib.sha256()
    for file in (folder / "config.json", folder / "tokenizer.json"):
        digest.update(file.read_bytes() if file.is_file() else b"")
    for file in weights:
        with file.open("rb") as stream:
            start = stream.read(8)
            header = stream.read(struct.unpack("<Q", start)[0]) if len(start) == 8 else b""
            digest.update(file.name.encode() + header + stream.read(1 << 20) + str(file.stat().st_size).encode())
    return digest.hexdigest()


def write_base(folder: Path, base: str) -> None:
    """Note beside an adapter which base it was trained on."""
    row = {"base": base, "fingerprint": base_fingerprint(base)}
    (folder / BASE).write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")


def file_hash(file: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits; empty where it is missing."""
    if not file.is_file():
        return ""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _changing(file: Path) -> Iterator[Registry]:
    """The registry, and nobody else changes it meanwhile."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(file.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield read(file)


def _write(file: Path, registry: Registry) -> None:
    """Whole or not at all: a worker that reads meanwhile sees the old or the new one."""
    row = {
        "version": registry.version,
        "history": list(registry.history),
        "adapters": [asdict(adapter) for adapter in registry.adapters],
    }
    fresh = file.with_name(file.name + ".new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(row, indent=1) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


def _json(file: Path) -> dict[str, Any]:
    try:
        row: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AdapterError(f"{file} cannot be read") from error
    return row
