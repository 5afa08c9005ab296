"""`manage.py adapters`: what it says and does, and what it refuses in clear words."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ml.llm import adapters


def run(*words: str) -> str:
    out = StringIO()
    call_command("adapters", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"\2\0\0\0\0\0\0\0{}weights")
    monkeypatch.setenv("LLM_BACKEND", "transformers")
    monkeypatch.setenv("LLM_MODEL", str(folder))
    monkeypatch.setenv("LLM_ADAPTER_REGISTRY", str(tmp_path / "adapters.json"))
    return folder


@pytest.fixture
def adapter(base: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "warm"
    folder.mkdir()
    canary = {"canaries": 4, "extracted": 0, "exposure_median_bits": 0.9, "is_extractable": False}
    texts = {"adapter_config.json": "{}", "adapter_model.safetensors": "w", "README.md": "card"}
    for name, text in (texts | {"canary.json": json.dumps(canary)}).items():
        (folder / name).write_text(text)
    adapters.write_base(folder, str(base))
    sums = [f"{adapters.file_hash(file)}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def test_list_promote_and_roll_back(base: Path, adapter: Path) -> None:
    assert "version 0: the base alone speaks" in run("list")
    told = run("promote", str(adapter))
    assert "* warm@" in told
    assert "exposure 0.9 bits" in told
    assert "before it: (base)" in run("list")
    assert "version 2: the base alone speaks" in run("rollback")
    with pytest.raises(CommandError, match="nothing to go back to"):
        run("rollback")


def test_a_changed_base_is_refused(base: Path, adapter: Path) -> None:
    (base / "model.safetensors").write_bytes(b"\2\0\0\0\0\0\0\0{}other")
    with pytest.raises(CommandError, match="another base, or the same one changed since"):
        run("promote", str(adapter))


def test_a_folder_that_holds_no_adapter_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no list of hashes"):
        run("promote", str(tmp_path / "nothing"))


def test_without_a_registry_it_says_what_to_set(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLM_ADAPTER_REGISTRY")
    with pytest.raises(CommandError, match="LLM_ADAPTER_REGISTRY names no file"):
        run("list")
