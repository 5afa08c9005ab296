"""Settings fail loudly, and each backend is built without loading the libraries of another."""

import subprocess
import sys

import pytest

from ml.config import ConfigurationError, EngineConfig
from ml.llm.openai import OpenAIEngine
from ml.runtime import build_language_model
from ml.types import EngineUnavailable


def read(**values: str) -> EngineConfig:
    return EngineConfig.from_environ({f"LLM_{name.upper()}": value for name, value in values.items()})


def test_nothing_set_is_the_companion():
    assert EngineConfig.from_environ({"PATH": "/bin"}) == EngineConfig()
    assert EngineConfig().backend == "companion"


def test_values_are_read_with_their_types():
    config = read(backend="transformers", model="base", bits="4", max_concurrent=" 32 ", read_timeout="1.5", adapter="")
    assert (config.bits, config.max_concurrent, config.read_timeout, config.adapter) == (4, 32, 1.5, "")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"backend": "gpt"}, "LLM_BACKEND must be one of companion"),
        ({"backend": "transformers"}, "needs LLM_MODEL"),
        ({"backend": "transformers", "model": "m", "bits": "5"}, "LLM_BITS must be one of 16, 8, 4"),
        ({"backend": "transformers", "model": "m", "bits": "four"}, "LLM_BITS must be a number"),
        ({"backend": "transformers", "model": "m", "max_concurrent": "0"}, "LLM_MAX_CONCURRENT must be between"),
        ({"backend": "transformers", "model": "m", "base_url": "http://a/v1"}, "only used with LLM_BACKEND=openai"),
        ({"backend": "openai", "model": "m"}, "needs LLM_BASE_URL"),
        ({"backend": "openai", "model": "m", "base_url": "ftp://a"}, "http or https"),
        ({"backend": "openai", "model": "m", "base_url": "http://me:secret@a/v1"}, "LLM_API_KEY"),
        ({"adapter": "a"}, "LLM_ADAPTER, LLM_ADAPTER_REGISTRY and LLM_BITS"),
        ({"backend": "transformers", "model": "m", "adapter": "a", "adapter_registry": "f"}, "leave one out"),
        ({"candidates": "2"}, "LLM_CANDIDATES is only used"),
        ({"backend": "transformers", "model": "m", "candidates": "9"}, "LLM_CANDIDATES must be between 1 and 8"),
        ({"modle": "m"}, "unknown setting LLM_MODLE"),
    ],
)
def test_wrong_settings_are_named(values, words):
    with pytest.raises(ConfigurationError, match=words):
        read(**values)


def test_several_faults_are_told_at_once():
    with pytest.raises(ConfigurationError, match=r"LLM_BACKEND.*; LLM_DTYPE"):
        read(backend="x", dtype="y")


def test_the_key_is_not_shown():
    config = read(backend="openai", model="m", base_url="http://a/v1", api_key="very-secret")
    assert "very-secret" not in repr(config)


def test_the_remote_engine_starts_without_a_server():
    engine = build_language_model(read(backend="openai", model="m", base_url="http://127.0.0.1:9/v1"))
    assert isinstance(engine, OpenAIEngine)
    assert engine.info().model == "m"


def test_a_model_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(EngineUnavailable, match="missing-model"):
        build_language_model(read(backend="transformers", model=str(tmp_path / "missing-model")))


@pytest.mark.parametrize("backend", ["companion", "openai"])
def test_light_backends_never_import_torch(backend):
    code = (
        "import sys; from ml.config import EngineConfig; from ml.runtime import build_language_model\n"
        f"more = {{'model': 'm', 'base_url': 'http://127.0.0.1:9/v1'}} if '{backend}' == 'openai' else {{}}\n"
        f"build_language_model(EngineConfig(backend='{backend}', **more))\n"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
