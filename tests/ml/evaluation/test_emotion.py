"""The emotion suite: recognises label sets, counts right, and refuses what it cannot measure."""

from __future__ import annotations

import json

import pytest

from ml.encoder import session
from ml.evaluation import __main__ as command
from ml.evaluation import emotion as suite
from ml.evaluation.emotion_schemes import SCHEMES, Scheme, detect
from ml.evaluation.rows import EvaluationError
from ml.understanding import emotion


def evaluate(tmp_path, rows, *options):
    data, report = tmp_path / "rows.jsonl", tmp_path / "report.json"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    status = command.main(["emotion", "--data", str(data), "--json", str(report), *options])
    return status, json.loads(report.read_text(encoding="utf-8")) if report.exists() else None


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ({"gratitude", "anger"}, "goemotions"),
        ({"joy", "neutral", "disgust"}, "ekman"),
        ({"angry", "happy", "sad"}, "smp"),
        ({"joy", "love", "sadness"}, "dair"),
        ({"loneliness", "joy"}, "feelings"),
    ],
)
def test_label_sets_are_recognised(labels, name):
    assert detect(labels).name == name


def test_unknown_labels_are_refused():
    with pytest.raises(EvaluationError, match="zeal"):
        detect({"joy", "zeal"})


@pytest.mark.parametrize("name", SCHEMES)
def test_every_label_has_a_score(name):
    scheme = Scheme(name)
    scores = scheme.scores(emotion.read("I am so happy today", "en"))
    assert len(scores) == len(scheme.labels)
    assert all(0.0 <= value <= 1.0 + 1e-6 for value in scores)


def test_multi_label_report(tmp_path):
    rows = [
        {"text": "thank you so much!", "labels": ["gratitude"]},
        {"text": "haha that is hilarious lol", "labels": ["amusement"]},
        {"text": "I am so sorry, I apologise", "labels": ["remorse", "sadness"]},
    ]
    status, report = evaluate(tmp_path, rows)
    assert status == 0
    assert (report["label_set"], report["language"], report["rows"]) == ("goemotions", "en", 3)
    for name in ("tuned", "fixed_0.3"):
        assert report[name]["f1"]["gratitude"] == 1.0
        assert report[name]["f1"]["amusement"] == 1.0
        assert report[name]["f1"]["pride"] == 0.0
    assert report["macro_f1"] == report["tuned"]["macro_f1"]
    assert report["micro_f1"] == report["tuned"]["micro_f1"]
    assert 0.0 <= report["calibration_error"] <= 1.0


def test_single_label_report_counts_each_row_once(tmp_path):
    rows = [
        {"text": "气死我了，凭什么", "label": "angry"},
        {"text": "今天好开心，哈哈哈", "label": "happy"},
        {"text": "我好害怕，好紧张", "label": "happy"},
    ]
    status, report = evaluate(tmp_path, rows)
    assert status == 0
    assert report["label_set"] == "smp"
    assert report["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    labels, table = report["confusion"]["labels"], report["confusion"]["rows"]
    assert table[labels.index("happy")][labels.index("fear")] == 1
    assert sum(map(sum, table)) == 3


def test_training_texts_are_left_out(tmp_path):
    train = tmp_path / "train.jsonl"
    train.write_text(json.dumps({"text": "Thank  YOU"}) + "\n", encoding="utf-8")
    rows = [{"text": "thank you", "labels": ["gratitude"]}, {"text": "lol", "labels": ["amusement"]}]
    _, report = evaluate(tmp_path, rows, "--exclude", str(train))
    assert (report["rows"], report["excluded"]) == (1, 1)


def test_predictions_hold_no_text(tmp_path):
    target = tmp_path / "predictions.jsonl"
    evaluate(tmp_path, [{"text": "canary phrase, so happy", "label": "joy"}], "--predictions", str(target))
    line = json.loads(target.read_text(encoding="utf-8"))
    assert line["gold"] == ["joy"]
    assert "canary" not in json.dumps(line)


BAD_ROWS = [{"text": "x"}, {"label": "joy"}, {"text": 3, "label": "joy"}, {"text": "x", "labels": []}]


@pytest.mark.parametrize("row", BAD_ROWS)
def test_bad_rows_end_in_one_clear_line(tmp_path, capsys, row):
    status, report = evaluate(tmp_path, [row])
    assert (status, report) == (2, None)
    assert "rows.jsonl:1: needs a text and a label" in capsys.readouterr().err


def test_the_28_labels_are_measured_on_chinese_too(tmp_path):
    status, report = evaluate(tmp_path, [{"text": "我很感谢你", "labels": ["gratitude"]}])
    assert status == 0
    assert report["language"] == "zh"


def test_without_the_encoder_the_28_labels_are_not_measured(tmp_path, monkeypatch):
    def refuse():
        raise session.EncoderError("gone")

    monkeypatch.setattr(session, "load", refuse)
    status, _ = evaluate(tmp_path, [{"text": "我很感谢你", "labels": ["gratitude"]}])
    assert status == 2


def test_data_is_needed():
    assert command.main(["emotion"]) == 2


def test_suite_is_reachable():
    assert command.load_suite("emotion") is suite
