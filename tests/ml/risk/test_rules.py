"""What the rules alone must say: plain words in both languages, and the readings that take them back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ml.risk.lexicon import load_lexicon
from ml.risk.literals import Scanned, heads_of, may_match, required_literals
from ml.risk.reading import read
from ml.risk.rules import blank_sayings
from ml.text import normalise
from ml.types import RiskLevel

ROOT = Path(__file__).resolve().parents[3]

M, H, I = RiskLevel.MODERATE, RiskLevel.HIGH, RiskLevel.IMMINENT  # noqa: E741

SAID_PLAINLY = [
    ("I want to die", M),
    ("i wanna d1e", M),
    ("not gonna lie I want to die", M),
    ("I am suicidal", M),
    ("I have been having suicidal thoughts", M),
    ("I keep thinking about killing myself", M),
    ("I don't want to live anymore", M),
    ("I wish I was dead", M),
    ("i want to unalive myself", M),
    ("I cut myself again last night", M),
    ("I make myself throw up after every meal", M),
    ("I'm going to kill myself tonight", H),
    ("I have decided to end my life on friday", H),
    ("I have a gun and I'm going to shoot myself", H),
    ("I bought a rope to hang myself", H),
    ("I tried to kill myself last night", H),
    ("The voices are telling me to kill myself", H),
    ("my uncle touches me at night, I'm 12", H),
    ("I took 40 paracetamol", I),
    ("I just took a whole bottle of pills", I),
    ("I don't want to do this anymore I'm going to kill myself", H),
    ("I overdosed", I),
    ("I've cut my wrists", I),
    ("I'm standing on the edge of the bridge and I'm going to jump", I),
    ("我想死", M),
    ("好想鼠", M),
    ("我想zs", M),
    ("我不想活了", M),
    ("我唔想生存落去", M),
    ("我有自杀的念头", M),
    ("死了算了", M),
    ("我自残了", M),
    ("每天吃完就催吐", M),
    ("我今晚就自杀", H),
    ("我準備自殺", H),
    ("我写了遗书", H),
    ("绳子买好了今晚上吊", H),
    ("我昨天自杀没成功", H),
    ("有个声音叫我去死", H),
    ("我老公打我打断了肋骨", H),
    ("我刚吃了一整瓶安眠药", I),
    ("我割腕了", I),
    ("我站在楼顶准备跳下去", I),
    ("我妈吃了安眠药叫不醒", I),
    ("炭已经点上了门窗都封好了", I),
]

TAKEN_BACK = [
    # denied
    "I don't want to kill myself, I just want a holiday",
    "no, I'm not suicidal, just knackered",
    "I would never kill myself",
    "我没有想自杀,就是累",
    "想死倒不至于 就是烦",
    # asked by somebody else
    "the doctor asked if I was suicidal, standard form",
    "the leaflet says it may cause suicidal thoughts, is that common?",
    "医生问我有没有自杀念头,我说没有",
    # idiom
    "this spreadsheet will be the death of me",
    "I'm dead 💀",
    "my feet are killing me today",
    "phone's about to die lol",
    "笑死我了",
    "饿死了饿死了",
    "想死你了",
    "今天社死现场",
    "跳楼价大甩卖",
    # games and stories
    "my character wants to die a hero in the last level",
    "原神那个角色自杀了,我哭死",
    "剧本杀我演凶手,杀了他怎么编证词",
    # statistics, study, devices
    "Doing a dissertation on suicide rates, how do I structure it?",
    "how do I kill a child process in python",
    "论文里想引涂尔干的自杀论",
    "进程杀不掉怎么办",
    # past, resolved
    "I was suicidal ten years ago. I'm fine now, got a dog.",
    "十几年前自杀过,现在结婚了过得挺好",
    # look-alikes
    "买了一把紫砂壶",
    "can I get a refund",
    "今天天气真好",
]


@pytest.mark.parametrize(("text", "least"), SAID_PLAINLY)
def test_plain_words_are_never_missed(text: str, least: RiskLevel) -> None:
    assert read(text).rule_level >= least


@pytest.mark.parametrize("text", TAKEN_BACK)
def test_other_readings_take_the_hit_back(text: str) -> None:
    assert read(text).rule_level < RiskLevel.MODERATE


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_rule_is_named_once_and_known(language: str) -> None:
    lexicon = load_lexicon(language)  # type: ignore[arg-type]
    names = [rule.id for rule in lexicon.rules]
    assert len(names) == len(set(names)) > 20
    assert all(rule.patterns or rule.hints for rule in lexicon.rules)
    assert all(rule.level >= RiskLevel.LOW for rule in lexicon.rules)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\b(?:kill|end) (?:myself|it)\b", "nothing here", False),
        (r"\b(?:kill|end) (?:myself|it)\b", "end it", True),
        (r"(?:死|跳)?", "anything", True),
        (r"想(?:死|跳楼)", "今天很好", False),
    ],
)
def test_literals_only_rule_out_what_cannot_match(pattern: str, text: str, expected: bool) -> None:
    literals = required_literals(pattern)
    assert may_match(literals, text) is expected
    assert may_match(literals, Scanned(text), heads_of(literals)) is expected


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_index_leaves_out_no_pattern_that_matches(language: str) -> None:
    lexicon = load_lexicon(language)  # type: ignore[arg-type]
    searched = [one for rule in (*lexicon.rules, *lexicon.classes.values()) for one in (*rule.hints, *rule.patterns)]
    rows = (ROOT / f"ml/data/risk/risk_{language}.jsonl").read_text(encoding="utf-8").splitlines()[::25]
    matched = 0
    for row in rows:
        text = normalise(json.loads(row)["text"]).text
        likely = lexicon.index.likely(text)
        for pattern in searched:
            if pattern.compiled.search(text):
                assert pattern in likely, pattern.compiled.pattern
                matched += 1
        assert len(likely) < len(searched)
    assert matched > 20


def test_sayings_are_blanked_once_and_the_same_each_time() -> None:
    lexicon = load_lexicon("en")
    text = Scanned("i could murder a curry, this traffic is killing me")
    first = blank_sayings(text, lexicon)
    assert "~" in first
    assert blank_sayings(text, lexicon) is first
    assert blank_sayings(str(text), lexicon) == first
    plain = Scanned("good morning")
    assert blank_sayings(plain, lexicon) is blank_sayings(plain, lexicon) is plain
