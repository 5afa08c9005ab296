"""Which reply engine to build and with what limits: read from the environment, checked before anything is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

BACKENDS = ("companion", "transformers", "openai")
DTYPES = ("auto", "float32", "bfloat16", "float16")
BITS = (16, 8, 4)


class ConfigurationError(ValueError):
    """The settings contradict each other or cannot be read; the text says which one and what to write instead."""


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Settings of one reply engine. `model` and `adapter` are directories or hub names; limits are per process.

    `adapter_registry`: the file that `manage.py adapters` writes, looked at between turns; instead of `adapter`.
    `candidates`: so many replies are written and the best one is said; 1 streams while it is written.
    `bits` 16 leaves the weights as `dtype` says, 8 and 4 (nf4) go through bitsandbytes.

    Raises:
        ConfigurationError: a value is out of range or does not fit the backend.
    """

    backend: str = "companion"
    model: str = ""
    adapter: str = ""
    adapter_registry: str = ""
    candidates: int = 1
    bits: int = 16
    device: str = "auto"
    dtype: str = "auto"
    max_concurrent: int = 16
    max_context: int = 4096
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    connect_timeout: float = 5.0
    read_timeout: float = 30.0

    def __post_init__(self) -> None:
        problems = [*_bad_choices(self), *_bad_numbers(self), *_contradictions(self)]
        if problems:
            raise ConfigurationError("; ".join(problems))

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> EngineConfig:
        """Read `LLM_*` names; an empty value counts as not set.

        Raises:
            ConfigurationError: a value cannot be read, is out of range, or a name is not known.
        """
        known = {f"LLM_{item.name.upper()}": item for item in fields(cls)}
        unknown = sorted(name for name in environ if name.startswith("LLM_") and name not in known)
        if unknown:
            raise ConfigurationError(f"unknown setting {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        values: dict[str, Any] = {
            item.name: _read(name, environ[name], _KINDS[str(item.type)])
            for name, item in known.items()
            if environ.get(name)
        }
        return cls(**values)


_KINDS: Mapping[str, Callable[[str], Any]] = {"str": str, "int": int, "float": float}


def _read(name: str, text: str, kind: Callable[[str], Any]) -> Any:
    try:
        return kind(text.strip())
    except ValueError as error:
        raise ConfigurationError(f"{name} must be a number, not {text!r}") from error


def _bad_choices(config: EngineConfig) -> list[str]:
    choices: tuple[tuple[str, object, tuple[object, ...]], ...] = (
        ("LLM_BACKEND", config.backend, BACKENDS),
        ("LLM_DTYPE", config.dtype, DTYPES),
        ("LLM_BITS", config.bits, BITS),
    )
    return [
        f"{name} must be one of {', '.join(map(str, allowed))}, not {value!r}"
        for name, value, allowed in choices
        if value not in allowed
    ]


def _bad_numbers(config: EngineConfig) -> list[str]:
    limits = (
        ("LLM_CANDIDATES", config.candidates, 1, 8),
        ("LLM_MAX_CONCURRENT", config.max_concurrent, 1, 1024),
        ("LLM_MAX_CONTEXT", config.max_context, 64, 1_000_000),
        ("LLM_CONNECT_TIMEOUT", config.connect_timeout, 0.1, 600),
        ("LLM_READ_TIMEOUT", config.read_timeout, 0.1, 600),
    )
    return [
        f"{name} must be between {low} and {high}, not {value}"
        for name, value, low, high in limits
        if not low <= value <= high
    ]


def _contradictions(config: EngineConfig) -> list[str]:
    problems = []
    if config.backend in ("transformers", "openai") and not config.model:
        problems.append(f"LLM_BACKEND={config.backend} needs LLM_MODEL (a directory or a model name)")
    if config.backend == "openai":
        problems += _bad_url(config.base_url)
    if config.backend != "openai" and config.base_url:
        problems.append("LLM_BASE_URL is only used with LLM_BACKEND=openai")
    if config.backend != "transformers" and (config.adapter or config.adapter_registry or config.bits != 16):
        problems.append("LLM_ADAPTER, LLM_ADAPTER_REGISTRY and LLM_BITS are only used with LLM_BACKEND=transformers")
    if config.adapter and config.adapter_registry:
        problems.append("LLM_ADAPTER and LLM_ADAPTER_REGISTRY both name the adapter: leave one out")
    if config.candidates > 1 and config.backend == "companion":
        problems.append("LLM_CANDIDATES is only used with LLM_BACKEND=transformers or openai")
    return problems


def _bad_url(text: str) -> list[str]:
    if not text:
        return ["LLM_BACKEND=openai needs LLM_BASE_URL, for example http://127.0.0.1:8001/v1"]
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return [f"LLM_BASE_URL must be an http or https address, not {text!r}"]
    if parts.username or parts.password or parts.query:
        return ["LLM_BASE_URL must hold no password and no query; put the key in LLM_API_KEY"]
    return []
