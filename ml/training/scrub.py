"""Takes what could identify somebody out of training text: addresses, numbers, links, names that people give.

A net, not a promise: names that nobody introduces stay. What was learned by heart is looked for by `canary`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ml.types import ChatTurn

# Longest forms first: an address holds digits, a card number holds a telephone number.
MARKS = (
    ("[email]", re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")),
    ("[link]", re.compile(r"(?:https?://|www\.)[^\s，。；）)]+", re.IGNORECASE)),
    (
        "[handle]",
        re.compile(
            r"(?:微信号?|QQ号?|wechat|whatsapp|instagram|snapchat)\s?(?:is|是|[:：])\s?[\w@.-]{4,}", re.IGNORECASE
        ),
    ),
    # Identity papers of China, the United States and Britain.
    (
        "[id]",
        re.compile(r"(?<![\dA-Za-z])(?:\d{17}[\dXx]|\d{3}-\d{2}-\d{4}|[A-Z]{2}(?:\s?\d{2}){3}\s?[A-Z])(?![\dA-Za-z])"),
    ),
    ("[number]", re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")),
    # Seven digits and more, however they are grouped; two years with a stroke between are none.
    (
        "[phone]",
        re.compile(r"(?<![\d.])(?!(?:19|20)\d\d\s?[-–]\s?(?:19|20)\d\d\b)\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?![\d%])"),
    ),
)
_NAME = r"((?:[A-Z][\w'’-]+)(?:\s[A-Z][\w'’-]+){0,2})"
INTRODUCED = (
    re.compile(
        r"\b(?:[Mm]y (?:full |first |last )?name(?: is|'s)|(?:[Pp]eople|[Yy]ou can) call me|Call me)\s+" + _NAME
    ),
    re.compile(
        r"(?:我叫|我的名字(?:是|叫)|我名叫|可以叫我)(?![做他她你我不去别来回起滚出快怎什们])"
        r"([一-龥A-Za-z·]{2,4}?)(?=[，。！？、,.!?\s]|$)"
    ),
)
NAME_MARK = "[name]"


def scrub(text: str) -> str:
    """One text without addresses, links, and long numbers."""
    for mark, pattern in MARKS:
        text = pattern.sub(mark, text)
    return text


def scrub_turns(turns: Sequence[ChatTurn]) -> tuple[ChatTurn, ...]:
    """A dialogue without them, and without the names that its people introduce.

    The assistant's turns lose a name altogether: a model must not learn to say a mark.
    """
    names = {name for turn in turns for pattern in INTRODUCED for name in pattern.findall(turn.text)}
    return tuple(replace(turn, text=_without_names(scrub(turn.text), names, turn.role)) for turn in turns)


def _without_names(text: str, names: set[str], role: str) -> str:
    for name in sorted(names, key=len, reverse=True):
        word = re.escape(name)
        if name.isascii():
            word = rf"\b{word}\b"
        if role == "assistant":
            text = re.sub(rf"[,，]\s?{word}(?=[,，.。!！?？])|\s?{word}[,，]|\s?{word}", "", text).strip()
        else:
            text = re.sub(word, NAME_MARK, text)
    return text
