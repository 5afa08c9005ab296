"""The sentences of reasons and of changes between versions, in both languages. Texts only; `because` joins them."""

from __future__ import annotations

from ml.types import Language

LEAD: dict[Language, str] = {"en": "Because ", "zh": "因为"}
JOINED: dict[Language, str] = {"en": ", and ", "zh": "，"}
END: dict[Language, str] = {"en": ".", "zh": "。"}
AND: dict[Language, str] = {"en": " and ", "zh": "、"}
# How clauses about feelings begin: they stand after what the person said.
FELT: dict[Language, tuple[str, ...]] = {"en": ("you often felt", "you sometimes felt"), "zh": ("你最近",)}

CLAUSES: dict[Language, dict[str, str]] = {
    "en": {
        "goal": "one of your goals is about {name}",
        "reason": "you wrote about {name}",
        "topic": "{name} came up in our talks",
        "score": "your {name} answers came to {total}",
        "rose": "your {name} answers rose by {change}",
        "fell": "your {name} answers fell by {change}",
        "rated": "you rated it {gain} {times}",
        "like": '"{title}" did you good, and this works in a similar way',
        "often": "you often felt {word} lately",
        "sometimes": "you sometimes felt {word} lately",
    },
    "zh": {
        "goal": "你的目标和{name}有关",
        "reason": "你写到了{name}",
        "topic": "我们聊到过{name}",
        "score": "你的{name}得分是{total}分",
        "rose": "你的{name}得分升高了{change}分",
        "fell": "你的{name}得分降低了{change}分",
        "rated": "你评过{times}，做完平均{gain}分",
        "like": "“{title}”对你有帮助，这个的作用相近",
        "often": "你最近常常感到{word}",
        "sometimes": "你最近有时感到{word}",
    },
}

FIXED: dict[Language, dict[str, str]] = {
    "en": {
        "nothing": "You have not told us much yet, so this is a gentle first step that suits many people.",
        "waiting": "For the time until someone is with you. It does not take their place.",
        "gentle": "Because it asks little and suits most people, also on a hard day.",
    },
    "zh": {
        "nothing": "我们对你还了解不多，所以先放一个适合很多人的、温和的第一步。",
        "waiting": "在有人来到你身边之前，可以先用它撑一撑；它不能代替人。",
        "gentle": "因为它不费力，难的日子里也适合大多数人。",
    },
}

PERSON_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "risk": "Because what you are carrying sounds heavy, and a person can be with you in a way a page cannot.",
        "careful": "Because {clause}, and that is best looked at together with someone who knows about it.",
        "few": "Because not every exercise fits what you told us, and a person can choose with you.",
    },
    "zh": {
        "risk": "因为你现在承受的听起来很重，有人在身边，比一张页面能给的多。",
        "careful": "因为{clause}，这件事最好和懂的人一起来看。",
        "few": "因为照你说的情况，不是每个练习都适合你，和人一起挑会更稳妥。",
    },
}


TRIAL = "trial"
AND_THEN: dict[Language, str] = {"en": ", and ", "zh": "，"}

CHANGED: dict[Language, dict[str, str]] = {
    "en": {
        "kept": "Kept: ",
        "more": "More often: ",
        "less": "Less often: ",
        "changed": "Changed: ",
        "added": "New: ",
        "dropped": "Left out: ",
        "early": "it is too early to say what it does for you",
        "gentle": "it asks little and suits most people",
        "room": "something else fits better now",
        "trial": " A trial: only you can tell what it does for you.",
    },
    "zh": {
        "kept": "保留：",
        "more": "多做一点：",
        "less": "少做一点：",
        "changed": "有改动：",
        "added": "新加：",
        "dropped": "这次没放：",
        "early": "它对你有没有用，现在还看不出来",
        "gentle": "它不费力，适合大多数人",
        "room": "现在有更合适的",
        "trial": "先试试看，合不合适只有你知道。",
    },
}

LEFT_OUT: dict[Language, dict[str, str]] = {
    "en": {
        "declined:not_for_me": "you said it is not for you",
        "declined:made_it_worse": "you said it made things worse",
        "declined:did_not_help": "you said it did not help",
        "declined:too_hard": "you said it is too hard right now",
        "declined:too_long": "you said it takes too long",
        "declined:not_now": "you said not now",
        "declined:other": "you took it out",
        "cautions": "it may not suit you with what you told us",
        "energy": "it asks more than your energy allows right now",
        "time": "it takes more time than you have",
        "review": "somebody on our team has to read it again first",
        "risk": "a person comes first now",
        "undone": "there was hardly ever a good moment for it",
        "room": "something else fits better now",
    },
    "zh": {
        "declined:not_for_me": "你说它不适合你",
        "declined:made_it_worse": "你说做了反而更难受",
        "declined:did_not_help": "你说它没有帮助",
        "declined:too_hard": "你说它现在太难",
        "declined:too_long": "你说它太花时间",
        "declined:not_now": "你说现在先不做",
        "declined:other": "你把它拿掉了",
        "cautions": "照你说的情况，它可能不适合你",
        "energy": "它要花的力气比你现在有的多",
        "time": "它要花的时间比你有的多",
        "review": "要先请我们的人再看一遍",
        "risk": "现在先有人陪着你",
        "undone": "一直没有合适的时候做它",
        "room": "现在有更合适的",
    },
}


def times(count: int, language: Language) -> str:
    """How often a rating was given: "once", "three times"; in Chinese "3次"."""
    if language == "zh":
        return f"{count}次"
    words = ("never", "once", "twice", "three times", "four times", "five times", "six times")
    return words[count] if count < len(words) else f"{count} times"
