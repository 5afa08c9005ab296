"""Domain packs: all of ours are whole, and a wrong one is refused with every fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml import domains

NAMES = ("games", "general", "sleep", "social", "study", "work")


def test_there_are_five_and_a_general_one() -> None:
    assert domains.names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_is_whole(name: str) -> None:
    pack = domains.domain(name)
    assert pack.name == name
    assert set(pack.tests) == set(domains.TESTS)
    assert (name == "general") == (not pack.weights) == (not pack.prompt.en)
    assert pack.weight_of("no such problem") == 1.0


@pytest.mark.parametrize("name", ["", "nothing", "../general", "Study"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(domains.DomainError, match="is not one of"):
        domains.domain(name)


def test_every_fault_is_told(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text(
        'title = { en = "Odd" }\nwelcome = { en = "x", zh = "" }\nreason_hint = { en = "", zh = "" }\n'
        'practice_intro = { en = "a", zh = "b" }\nprompt = { en = "", zh = "" }\nextra = 1\n'
        'practices = ["prac-nothing"]\ntests = ["sart", "sart"]\n[weights]\nnothing = 1\ninsomnia = 9\nworry = true\n'
    )
    with pytest.raises(domains.DomainError) as told:
        domains.domain("odd", tmp_path)
    faults = " ".join(told.value.faults)
    for word in ("extra", "title.zh", "one language", "prac-nothing", "twice", "'nothing'", "insomnia", "worry"):
        assert word in faults
    (tmp_path / "broken.toml").write_text("= 1")
    with pytest.raises(domains.DomainError, match="is not TOML"):
        domains.domain("broken", tmp_path)
