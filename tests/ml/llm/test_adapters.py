"""The registry of adapters: what may speak, what may not and why, and the way back."""

import json
import threading
from pathlib import Path

import pytest

from ml.llm import adapters
from ml.llm.adapters import AdapterError

CANARY = {"canaries": 8, "extracted": 0, "exposure_median_bits": 1.1, "is_extractable": False}


def make_base(folder: Path, words: str = "weights") -> Path:
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama"}')
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"\2\0\0\0\0\0\0\0{}" + words.encode())
    return folder


def hash_all(folder: Path) -> None:
    files = sorted(file for file in folder.iterdir() if file.name != adapters.HASHES)
    (folder / adapters.HASHES).write_text("".join(f"{adapters.file_hash(file)}  {file.name}\n" for file in files))


def make_adapter(folder: Path, base: Path, words: str = "a", canary: dict[str, object] | None = None) -> Path:
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")
    (folder / "adapter_model.safetensors").write_text(words)
    (folder / "README.md").write_text("card")
    (folder / "canary.json").write_text(json.dumps(CANARY | (canary or {})))
    adapters.write_base(folder, str(base))
    hash_all(folder)
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return make_base(tmp_path / "base")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "adapters.json"


def test_promote_and_roll_back(base: Path, file: Path, tmp_path: Path) -> None:
    first, second = (make_adapter(tmp_path / name, base, name) for name in ("one", "two"))
    assert adapters.read(file).current is None
    adapters.promote(file, first, str(base))
    promoted = adapters.promote(file, second, str(base), "better")
    assert promoted.history == ("", "one", "better")
    assert promoted.current is not None
    assert promoted.current.label.startswith("better@")
    back = adapters.rollback(file)
    assert back.current is not None
    assert (back.current.name, back.version) == ("one", 3)
    assert adapters.rollback(file).current is None
    with pytest.raises(AdapterError, match="nothing to go back to"):
        adapters.rollback(file)


def test_another_base_is_refused(base: Path, file: Path, tmp_path: Path) -> None:
    adapter = make_adapter(tmp_path / "one", base)
    other = make_base(tmp_path / "other", "other weights")
    with pytest.raises(AdapterError, match=f"was made for {base}.* and the engine speaks with {other}"):
        adapters.promote(file, adapter, str(other))
    assert adapters.read(file).version == 0


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "README.md", "canary.json"])
def test_a_changed_file_is_refused(base: Path, file: Path, tmp_path: Path, name: str) -> None:
    adapter = make_adapter(tmp_path / "one", base)
    (adapter / name).write_text("something else")
    with pytest.raises(AdapterError, match=rf"{name} differs from its hash"):
        adapters.promote(file, adapter, str(base))


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "canary.json", "base.json", "README.md"])
def test_a_missing_part_is_named(base: Path, file: Path, tmp_path: Path, name: str) -> None:
    adapter = make_adapter(tmp_path / "one", base)
    (adapter / name).unlink()
    hash_all(adapter)
    with pytest.raises(AdapterError, match=f"lacks {name}"):
        adapters.promote(file, adapter, str(base))


@pytest.mark.parametrize(
    ("canary", "words"),
    [
        ({"canaries": 0}, "without canaries"),
        ({"extracted": 2, "is_extractable": True}, "gives away its training text: 2 of 8"),
    ],
)
def test_what_gives_away_its_training_text_is_refused(
    base: Path, file: Path, tmp_path: Path, canary: dict[str, object], words: str
) -> None:
    with pytest.raises(AdapterError, match=words):
        adapters.promote(file, make_adapter(tmp_path / "one", base, canary=canary), str(base))


def test_a_former_adapter_that_was_changed_is_not_gone_back_to(base: Path, file: Path, tmp_path: Path) -> None:
    first, second = (make_adapter(tmp_path / name, base, name) for name in ("one", "two"))
    adapters.promote(file, first, str(base))
    adapters.promote(file, second, str(base))
    (first / "adapter_model.safetensors").write_text("changed")
    hash_all(first)
    with pytest.raises(AdapterError, match="not those that were promoted"):
        adapters.rollback(file)
    current = adapters.read(file).current
    assert current is not None
    assert current.name == "two"


def test_one_name_is_one_adapter(base: Path, file: Path, tmp_path: Path) -> None:
    adapters.promote(file, make_adapter(tmp_path / "one", base), str(base), "speaker")
    with pytest.raises(AdapterError, match="speaks already"):
        adapters.promote(file, tmp_path / "one", str(base), "speaker")
    with pytest.raises(AdapterError, match="name of another adapter"):
        adapters.promote(file, make_adapter(tmp_path / "two", base, "b"), str(base), "speaker")


def test_a_base_that_is_not_here_is_said(base: Path, file: Path, tmp_path: Path) -> None:
    adapter = make_adapter(tmp_path / "one", base)
    with pytest.raises(AdapterError, match="no directory and not in the cache"):
        adapters.promote(file, adapter, "nobody/nothing")


def test_a_broken_registry_is_said(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("[]")
    with pytest.raises(AdapterError, match="no registry"):
        adapters.read(file)


def test_two_at_once_lose_nothing(base: Path, file: Path, tmp_path: Path) -> None:
    folders = [make_adapter(tmp_path / f"a{number}", base, str(number)) for number in range(8)]
    threads = [threading.Thread(target=adapters.promote, args=(file, folder, str(base))) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    registry = adapters.read(file)
    assert registry.version == 8
    assert set(registry.history) == {"", *(folder.name for folder in folders)}
