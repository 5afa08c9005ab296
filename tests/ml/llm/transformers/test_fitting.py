"""Templates of all sorts, and what the trainers learn from: exactly the assistant's words."""

import json
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from ml.llm.transformers.fitting import PromptFitter
from ml.training.lora_data import MASKED, Dialogue, TrainingError, collate, encode, read_dialogues, split
from ml.types import ChatTurn

REFUSES_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{% for message in messages %}[{{ message['role'] }}] {{ message['content'] }}\n{% endfor %}"
)
# Like reasoning models: a mark stands in the last answer only, so earlier text changes as the dialogue grows.
REWRITES = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if loop.last and message['role'] == 'assistant' %}<think></think>{% endif %}{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TALK = Dialogue(
    "talk",
    "en",
    (
        ChatTurn("user", "I am sad."),
        ChatTurn("assistant", "That sounds sad."),
        ChatTurn("user", "My boss left."),
        ChatTurn("assistant", "You miss your boss."),
    ),
)


@pytest.fixture
def tokenizer(tiny_base):
    return AutoTokenizer.from_pretrained(tiny_base)


def learned(fitter: PromptFitter, limit: int = 1000) -> list[str]:
    """The text that carries loss, for each example."""
    examples = encode(TALK, fitter, limit)
    return [fitter.tokenizer.decode([token for token in item.labels if token != MASKED]) for item in examples]


def test_only_the_assistants_words_are_learned(tokenizer):
    assert learned(PromptFitter(tokenizer, 1000)) == ["That sounds sad.<|im_end|>\nYou miss your boss.<|im_end|>\n"]


def test_a_template_that_rewrites_earlier_turns_gives_an_example_for_each_answer(tokenizer):
    tokenizer.chat_template = REWRITES
    assert learned(PromptFitter(tokenizer, 1000)) == ["That sounds sad.<|im_end|>", "You miss your boss.<|im_end|>"]


def test_what_is_trained_begins_as_what_is_asked(tokenizer):
    fitter = PromptFitter(tokenizer, 1000)
    example = encode(TALK, fitter, 1000)[0]
    first = next(place for place, label in enumerate(example.labels) if label != MASKED)
    assert fitter.tokenizer.decode(example.ids[:first]).endswith(
        "I am sad.</person><|im_end|>\n<|im_start|>assistant\n"
    )


def test_examples_are_cut_to_the_limit_and_dropped_where_nothing_is_left(tokenizer):
    fitter = PromptFitter(tokenizer, 1000)
    whole = len(encode(TALK, fitter, 1000)[0].ids)
    assert len(encode(TALK, fitter, whole - 3)[0].ids) == whole - 3
    assert encode(TALK, fitter, 20) == []


def test_padding_is_never_learned(tokenizer):
    fitter = PromptFitter(tokenizer, 1000)
    long, short = encode(TALK, fitter, 1000)[0], encode(Dialogue("b", "en", TALK.turns[:2]), fitter, 1000)[0]
    batch = collate([long, short], tokenizer.pad_token_id, "cpu")
    gap = len(long.ids) - len(short.ids)
    assert batch["attention_mask"].sum(1).tolist() == [len(long.ids), len(short.ids)]
    assert (batch["labels"][1, -gap:] == MASKED).all()


def test_rules_go_into_the_first_message_where_a_template_refuses_system(tokenizer):
    tokenizer.chat_template = REFUSES_SYSTEM
    text = PromptFitter(tokenizer, 1000).render(
        [{"role": "system", "content": "rules"}, {"role": "user", "content": "hi"}]
    )
    assert text == "[user] rules\n\nhi\n"


def test_without_a_template_plain_roles_are_written_and_stopped_at(tokenizer):
    tokenizer.chat_template = None
    fitter = PromptFitter(tokenizer, 1000)
    text = fitter.render([{"role": "system", "content": "rules"}, {"role": "user", "content": "hi"}])
    assert text == "system: rules\nuser: hi\nassistant:"
    assert "\nuser:" in fitter.stop_strings


def test_the_split_is_stable_when_dialogues_are_added():
    many = [Dialogue(str(number), "en", TALK.turns) for number in range(400)]
    held = {item.id for item in split(many[:200], 0.25)[1]}
    assert 30 < len(held) < 70
    assert held <= {item.id for item in split(many, 0.25)[1]}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not a dialogue"),
        ('{"id": "a", "lang": "en"}', "not a dialogue"),
        ('{"id": "a", "lang": "fr", "turns": [{"role": "assistant", "text": "x"}]}', "language must be"),
        ('{"id": "a", "lang": "en", "turns": [{"role": "robot", "text": "x"}]}', "roles user or assistant"),
        ('{"id": "a", "lang": "en", "turns": [{"role": "user", "text": "x"}]}', "nobody answers"),
        ("", "no dialogues"),
    ],
)
def test_unusable_lines_are_named(tmp_path: Path, line: str, words: str):
    file = tmp_path / "data.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(TrainingError, match=words):
        read_dialogues([file])


def test_the_shipped_dialogues_can_all_be_read():
    folder = Path(__file__).parents[4] / "ml" / "data" / "dialogues"
    dialogues = read_dialogues([folder])
    rows = [json.loads(line) for file in sorted(folder.glob("sft_*.jsonl")) for line in file.open(encoding="utf-8")]
    assert len(dialogues) == len(rows)
    assert {item.language for item in dialogues} == {"en", "zh"}
