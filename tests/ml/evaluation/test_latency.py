"""The latency suite through its command line, on the embedded engine."""

import json

import pytest

from ml.evaluation import latency
from ml.evaluation.__main__ import main
from ml.types import EngineInfo, EngineUnavailable, ReplyChunk, ReplyRequest

ROWS = (
    {"id": "1", "lang": "en", "turns": [{"role": "user", "text": "I am sad."}, {"role": "assistant", "text": "Oh."}]},
    {"id": "2", "lang": "zh", "text": "我很难过。"},
    {"id": "3", "lang": "fr", "text": "triste"},
)


@pytest.fixture
def data(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return file


def test_conversations_end_with_the_person_and_other_languages_are_passed_over(data):
    found = latency.read_conversations(data, None)
    assert [(language, turns[-1].text) for language, turns in found] == [("en", "I am sad."), ("zh", "我很难过。")]
    assert [language for language, _ in latency.read_conversations(data, "zh")] == ["zh"]


def test_the_command_measures_each_load(data, tmp_path, monkeypatch):
    class Steady:
        """Two tokens a reply, or none where the request says so."""

        def info(self):
            return EngineInfo("steady", "none")

        def stream(self, request: ReplyRequest, is_cancelled):
            if request.seed == 1:
                raise EngineUnavailable("gone")
            yield ReplyChunk("a", tokens=1)
            yield ReplyChunk("b", "stop", tokens=2)

        def close(self):
            """Nothing."""

    out = tmp_path / "out.json"
    monkeypatch.setattr(latency, "build_language_model", lambda config: Steady())
    assert main(["latency", "--data", str(data), "--json", str(out), "--concurrent", "1,3", "--rounds", "2"]) == 0
    first, second = json.loads(out.read_text())["loads"]
    assert (first["concurrent"], first["replies"], first["failed"], first["tokens"]) == (1, 1, 1, 2)
    assert (second["concurrent"], second["replies"], second["failed"]) == (3, 5, 1)
    assert second["tokens_per_second"] > 0


@pytest.mark.parametrize(
    "options",
    [[], ["--data", "nowhere.jsonl"], ["--backend", "openai"], ["--concurrent", "64", "--max-concurrent", "2"]],
)
def test_wrong_asking_is_told(options, data, capsys):
    asked = options if "--data" in options or not options else ["--data", str(data), *options]
    assert main(["latency", *asked]) == 2
    assert capsys.readouterr().err.strip()
