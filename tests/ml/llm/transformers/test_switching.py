"""The adapter changes under a running engine: between replies, never within one, and never to a bad one."""

import dataclasses
import shutil
import threading
import time

import pytest

from ml.llm import adapters
from ml.llm.transformers.engine import TransformersEngine
from ml.training import lora
from ml.types import EngineUnavailable

from .conftest import lora_arguments, never, reply


@pytest.fixture(scope="module")
def other_adapter(tiny_base, dialogue_file, tmp_path_factory):
    out = tmp_path_factory.mktemp("other")
    assert lora.main(lora_arguments(tiny_base, dialogue_file, out, "--seed", "5", "--rate", "0.03")) == 0
    return out


@pytest.fixture
def registry(tmp_path):
    return tmp_path / "adapters.json"


@pytest.fixture
def serving(config, registry):
    """An engine that follows the registry; replies are as long as asked for."""
    engine = TransformersEngine(dataclasses.replace(config, adapter_registry=str(registry)))
    engine._loop._stop_ids = frozenset()
    yield engine
    engine.close()


def last(engine, request):
    return list(engine.stream(request, never))[-1]


def test_promoting_and_rolling_back_change_the_replies_without_a_restart(
    serving, registry, config, adapter, tiny_base, request_of
):
    request = request_of("I am sad since my boss left.")
    plain = reply(serving, request)
    loop = serving._loop
    promoted = adapters.promote(registry, adapter, str(tiny_base), "first").current
    assert last(serving, request).adapter == promoted.label
    fixed = TransformersEngine(dataclasses.replace(config, adapter=str(adapter)))
    fixed._loop._stop_ids = frozenset()
    adapted = reply(fixed, request)
    fixed.close()
    assert reply(serving, request) == adapted != plain
    adapters.rollback(registry)
    assert reply(serving, request) == plain
    assert last(serving, request).adapter == ""
    assert serving._loop is loop, "the base was not loaded again"


def test_replies_in_flight_end_with_the_adapter_they_began_with(serving, registry, adapter, tiny_base, request_of):
    request = request_of("I am sad since my boss left.", max_tokens=150)
    alone = reply(serving, request)
    said, chunks = [], serving.stream(request, never)
    said.append(next(chunks))
    label = adapters.promote(registry, adapter, str(tiny_base), "first").current.label
    late = {}

    def ask():
        late["reply"] = list(serving.stream(request_of("I am tired.", max_tokens=5), never))

    asking = threading.Thread(target=ask)
    asking.start()
    said += list(chunks)
    asking.join(30)
    assert "".join(chunk.text for chunk in said) == alone
    assert said[-1].adapter == ""
    assert late["reply"][-1].adapter == label, "who came after the change waited for it"


def test_many_turns_while_it_is_switched_back_and_forth(
    serving, registry, adapter, other_adapter, tiny_base, request_of
):
    request = request_of("My friend is angry.", max_tokens=12)
    by_adapter: dict[str, set[str]] = {}
    stop = threading.Event()
    failures = []

    def chat():
        while not stop.is_set():
            try:
                chunks = list(serving.stream(request, never))
            except EngineUnavailable as error:
                failures.append(error)
                return
            by_adapter.setdefault(chunks[-1].adapter, set()).add("".join(chunk.text for chunk in chunks))

    threads = [threading.Thread(target=chat) for _ in range(4)]
    for thread in threads:
        thread.start()

    def wait_for(label):
        until = time.monotonic() + 30
        while label not in by_adapter and not failures and time.monotonic() < until:
            time.sleep(0.02)

    wait_for("")
    for step in range(4):
        folder, name = (adapter, other_adapter)[step % 2], ("one", "two")[step % 2]
        wait_for(adapters.promote(registry, folder, str(tiny_base), name).current.label)
        time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert not failures
    assert len(by_adapter) == 3
    assert all(len(texts) == 1 for texts in by_adapter.values()), "no reply was written by two adapters"
    assert len(set.union(*by_adapter.values())) == 3


def test_an_adapter_that_was_changed_after_promotion_is_not_loaded(
    serving, registry, adapter, tiny_base, tmp_path, request_of, caplog
):
    request = request_of("I am sad since my boss left.")
    plain = reply(serving, request)
    copied = tmp_path / "copied"
    shutil.copytree(adapter, copied)
    adapters.promote(registry, copied, str(tiny_base))
    (copied / "adapter_config.json").write_text("{}")
    assert reply(serving, request) == plain
    assert "the adapter stays as it is" in caplog.text
    assert reply(serving, request) == plain


@pytest.mark.parametrize("bits", [16, 4])
def test_an_engine_starts_with_the_promoted_adapter(bits, config, registry, adapter, tiny_base, request_of):
    label = adapters.promote(registry, adapter, str(tiny_base), "first").current.label
    engine = TransformersEngine(dataclasses.replace(config, adapter_registry=str(registry), bits=bits))
    assert engine.info().adapter == label
    adapters.rollback(registry)
    assert last(engine, request_of("Hello", max_tokens=3)).adapter == ""
    engine.close()


def test_an_engine_does_not_start_with_an_adapter_that_is_gone(config, registry, adapter, tiny_base, tmp_path):
    copied = tmp_path / "copied"
    shutil.copytree(adapter, copied)
    adapters.promote(registry, copied, str(tiny_base))
    shutil.rmtree(copied)
    with pytest.raises(EngineUnavailable, match="no list of hashes"):
        TransformersEngine(dataclasses.replace(config, adapter_registry=str(registry)))
