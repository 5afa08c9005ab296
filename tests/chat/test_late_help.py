"""Help that does not wait for the database: shown for danger, cancelled where the message arrives in time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from therapy.chat import late_help
from therapy.chat.late_help import LateHelp


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_help, "_WAIT_SECONDS", 0.05)


async def said_for(text: str, *, arrives: bool = False) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []

    async def say(kind: str, **fields: Any) -> None:
        said.append({"type": kind, **fields})

    late = LateHelp(say)
    late.watch(text)
    if arrives:
        late.settle()
        await asyncio.sleep(0.2)
    await late.shown()
    return said


async def test_danger_is_answered_without_any_row() -> None:
    (frame,) = await said_for("我不想活了，药已经准备好了")
    assert frame["type"] == "card"
    assert frame["card"]["flag"] == "", "nothing was kept, so there is nothing to dispute"
    assert "12356" in str(frame["card"]["lines"]), "the country follows the language of the words"


async def test_an_everyday_text_shows_nothing() -> None:
    assert await said_for("hello there") == []


async def test_a_message_that_arrived_brings_its_own_card() -> None:
    assert await said_for("I am going to kill myself tonight", arrives=True) == []


async def test_what_was_refused_is_answered_at_once_and_once() -> None:
    said: list[str] = []

    async def say(kind: str, **fields: Any) -> None:
        said.append(str(fields["card"]["steps"][-1]))

    late = LateHelp(say)
    late.watch("I am going to kill myself tonight")
    await late.show("I am going to kill myself tonight")
    await asyncio.sleep(0.2)
    assert len(said) == 1
    assert "has not been kept" in said[0]
