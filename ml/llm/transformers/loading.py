"""Loads a causal language model, its tokenizer and adapter. Safetensors only; no code from a model is ever run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils.logging import disable_progress_bar

from ml.config import EngineConfig
from ml.types import EngineUnavailable

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to decode. `context` is the longest sequence in tokens that model and settings allow.

    `adapter`: what replies name as their adapter.
    """

    model: Any
    tokenizer: Any
    device: torch.device
    context: int
    stop_ids: frozenset[int]
    adapter: str = ""


def load_model(config: EngineConfig) -> LoadedModel:
    """Base model, optional quantisation, optional adapter left unmerged, in evaluation mode.

    Raises:
        EngineUnavailable: something is missing or does not fit; the text names it.
    """
    tokenizer = load_tokenizer(config.model)
    model = load_base(config)
    if config.adapter:
        model = attach_adapter(model, config.adapter)
    model.eval()
    limit = getattr(model.config, "max_position_embeddings", None) or config.max_context
    device = next(model.parameters()).device
    context = min(config.max_context, limit)
    return LoadedModel(model, tokenizer, device, context, stop_ids(model, tokenizer), config.adapter)


def load_tokenizer(name: str) -> Any:
    """Tokenizer of a directory or hub name, with an end token to pad with."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
    except (OSError, ValueError, HfHubHTTPError) as error:
        raise EngineUnavailable(f"no tokenizer can be loaded from {name}: {_short(error)}") from error
    if tokenizer.eos_token_id is None:
        raise EngineUnavailable(f"the tokenizer of {name} has no end token, so replies would never end")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(config: EngineConfig) -> Any:
    """The base model alone, on its device, quantised where `config.bits` says so."""
    disable_progress_bar()  # type: ignore[no-untyped-call]
    device = pick_device(config.device)
    model: Any
    options: dict[str, Any] = {"dtype": pick_dtype(config.dtype, device)}
    if config.bits != 16:
        options["quantization_config"] = quantisation(config.bits, options["dtype"])
        options["device_map"] = {"": str(device)}
    try:
        model = AutoModelForCausalLM.from_pretrained(
            config.model, use_safetensors=True, trust_remote_code=False, **options
        )
        if config.bits == 16:
            model.to(device)
    except (OSError, ValueError, ImportError, RuntimeError, HfHubHTTPError) as error:
        raise EngineUnavailable(f"the model {config.model} cannot be loaded: {_short(error)}") from error
    keep_gradients_after_eval(model)
    return model


def quantisation(bits: int, dtype: torch.dtype) -> Any:
    """int8 (LLM.int8) or nf4 with double quantisation (QLoRA, Dettmers 2023)."""
    build: Any = BitsAndBytesConfig
    if bits == 8:
        return build(load_in_8bit=True)
    return build(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def keep_gradients_after_eval(model: Any) -> None:
    """Forbid bitsandbytes its CPU repacking of nf4 weights.

    On AVX512-BF16 processors the first evaluation pass repacks them for good: no gradient flows afterwards.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def attach_adapter(model: Any, name: str, trainable: bool = False) -> Any:
    """Put a LoRA adapter (directory or hub name) on `model`, unmerged, so that it can be told from its base."""
    folder = Path(name)
    if not folder.is_dir():
        folder = _fetch_adapter(name)
    missing = [file for file in ADAPTER_FILES if not (folder / file).is_file()]
    if missing:
        raise EngineUnavailable(f"the adapter {name} lacks {', '.join(missing)} (only safetensors are loaded)")
    try:
        return PeftModel.from_pretrained(model, str(folder), is_trainable=trainable)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise EngineUnavailable(f"the adapter {name} does not fit the model: {_short(error)}") from error


def _fetch_adapter(name: str) -> Path:
    try:
        return Path(snapshot_download(name, allow_patterns=list(ADAPTER_FILES)))
    except (OSError, HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise EngineUnavailable(f"the adapter {name} is no directory and cannot be fetched: {_short(error)}") from error


def pick_device(name: str) -> torch.device:
    """`auto` is the first GPU where there is one."""
    if name == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise EngineUnavailable(f"LLM_DEVICE={name} is no device") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise EngineUnavailable(f"LLM_DEVICE={name} asks for a GPU and this machine has none that torch can use")
    return device


def pick_dtype(name: str, device: torch.device) -> torch.dtype:
    """`auto`: bf16 on a GPU; fp32 on a CPU, where bf16 was measured to be slower."""
    by_name: Mapping[str, torch.dtype] = {
        "float32": torch.float32,
        "bfloat16": torch.bfloat16,
        "float16": torch.float16,
        "auto": torch.bfloat16 if device.type == "cuda" else torch.float32,
    }
    return by_name[name]


def stop_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    """Tokens that end a reply: the configured end tokens and every special token (a reply never holds one)."""
    configured = model.generation_config.eos_token_id if model.generation_config else None
    ends = configured if isinstance(configured, list) else [configured]
    return frozenset(token for token in [*ends, *tokenizer.all_special_ids] if token is not None)


def _short(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
