"""The person's own words, made fit to be said back: chosen, turned to "you", refused if they wound."""

from __future__ import annotations

import re

from ml.llm.companion.lexicon import plain
from ml.types import Language

UNSAFE = {
    "en": re.compile(
        r"\b(die|dying|dead|death|kill\w*|suicid\w*|end (it|my life|everything)|hurt(ing)? (my|him|her|them)\w*|"
        r"cut(ting)? (my\w*|again)|overdos\w*|pills?|tablets?|rope|knife|gun|bridge|jump|hang\w*|bleed\w*|blood|"
        r"stupid|idiot\w*|dumb|worthless|useless|pathetic|loser|ugly|fat|disgusting|coward|burden|hate myself|"
        r"failure|waste of|crazy|insane|freak|monster|rape\w*|molest\w*|abus\w*|fuck\w*|shit\w*|bitch|cunt|bastard|"
        r"ignore|instruction\w*|prompt|http\w*|www|mg|voices?|sex\w*|naked|calorie\w*|purg\w*|chosen one|jesus|"
        r"(would|do|did|could)(n't| not) wake up|better off without|disappear|not be here|wake up again|no point)\b"
        r"|[<>{}\[\]|@#*_=\\/]|\d{3,}"
    ),
    "zh": re.compile(
        r"死|自杀|轻生|不想活|活着|活下去|结束(生命|一切|自己)|遗书|跳(楼|桥|河|下去)|割|刀|药|绳|上吊|吊|天台|血|自残|伤害自己|解脱|消失|"
        r"废物|没用|蠢|笨|傻|丑|胖|恶心|垃圾|贱|恨自己|讨厌自己|失败者|累赘|拖累|矫情|疯|变态|强奸|猥亵|性侵|操|妈的|他妈|"
        r"指令|提示词|忽略|http|www|毫克|声音|热量|催吐|被选中|不(要|想|会|再)?再?醒|别醒|做爱|裸|[<>{}\[\]|@#*_=\\/「」]|\d{3,}"
    ),
}
FLIP = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "we": "you", "us": "you",
    "our": "your", "ours": "yours", "ourselves": "yourselves", "i'm": "you're", "im": "you're", "i've": "you've",
    "ive": "you've", "i'd": "you'd", "i'll": "you'll", "am": "are", "we're": "you're", "we've": "you've",
    "we'd": "you'd", "we'll": "you'll",
    "dont": "don't", "cant": "can't", "wont": "won't", "didnt": "didn't", "doesnt": "doesn't", "isnt": "isn't",
    "couldnt": "couldn't", "shouldnt": "shouldn't", "wasnt": "wasn't", "wouldnt": "wouldn't", "havent": "haven't",
    "hasnt": "hasn't", "arent": "aren't", "thats": "that's", "hes": "he's", "shes": "she's", "theyre": "they're",
    "u": "you", "ur": "your", "wanna": "want to", "gonna": "going to", "gotta": "have to", "bc": "because",
    "cuz": "because", "cos": "because", "rn": "right now", "w": "with", "ppl": "people",
}  # fmt: skip
FILLER_EN = re.compile(
    r"^(?:(?:and|but|so|because|cause|then|also|plus|or|well|like|honestly|basically|actually|anyway|yeah|yes|no|ok|okay|"
    r"oh|um+|uh|hi|hello|hey|tbh|idk|lol|ugh|god|sorry|just|now|i mean|i guess|i think|i feel like|i suppose|"
    r"i don't know|idk why but|the thing is|the worst part is|it'?s just that|it's like|it is just that|that|"
    r"i know|you know|to be honest|lately|today|yesterday)\b[,\s]*)+"
)
FILLER_ZH = re.compile(
    r"^(?:就是|其实|然后|但是|可是|但|可|因为|所以|而且|反正|感觉|我觉得|觉得|我感觉|那个|嗯+|唉+|哎+|啊|也|就|又|还|好像|可能|不过|最近|今天|昨天|"
    r"主要是|说实话|老实说|我想说|我发现)+"
)
VERB_EN = re.compile(
    r"\b(am|is|are|was|were|have|has|had|do|does|did|don't|didn't|doesn't|can't|couldn't|won't|wouldn't|can|could|will|"
    r"would|should|keep|keeps|kept|feel|feels|felt|want|wants|wanted|need|needs|miss|misses|know|think|thought|got|get|"
    r"gets|go|goes|went|said|says|told|left|lost|broke|moved|started|stopped|hate|love|work|works|live|lives|sit|lie|"
    r"lay|made|makes|take|takes|took|see|saw|hear|heard|i'm|i've|i'd|i'll|it's|he's|she's|they're|isn't|wasn't|haven't|"
    r"hasn't|try|tried|wake|woke|sleep|slept|eat|cry|cried|talk|talks|call|calls|came|come|comes|failed|\w{3,}ed)\b"
)
SPLIT_EN = re.compile(
    r"[.!?;:\n…()\"]+|\s[-–—]+\s|,\s+(?=(?:and|but|so|because|then|which|i|my|he|she|they|it|now|we)\b)"
)
CONJ_EN = re.compile(
    r"\s+(?:but|because|so|and then|although|even though|whenever)\s+(?=(?:i|my|he|she|they|it|we|the)\b)"
)
SPLIT_ZH = re.compile(r"[。！？!?；;…\n~～，,、：:\s（）()“”\"]+")
# A capital that does not begin a sentence.
NAMED = re.compile(r"(?<=[a-z,;] )(?!I\b|I')([A-Z][\w']+)")
LONGEST_ACRONYM = 4
MIN_WORDS, MAX_WORDS, MIN_CHARS, MAX_CHARS = 4, 15, 5, 18


def is_safe(text: str, language: Language) -> bool:
    """True where the words may be said back: no self-insult, danger, obscenity or markup."""
    return not UNSAFE[language].search(plain(text))


def clauses(text: str, language: Language) -> list[str]:
    """Clauses worth saying back, turned to the second person, best first."""
    return _clauses_en(text) if language == "en" else _clauses_zh(text)


def second_person(text: str, language: Language) -> str:
    """Turn first-person words to the second person."""
    if language == "zh":
        return text.replace("咱们", "你们").replace("我们", "你们").replace("咱", "你").replace("我", "你")
    return _flip_en(plain(text))


def _clauses_en(text: str) -> list[str]:
    found: list[tuple[float, str]] = []
    sentences = re.split(r"(?<=[.!?\n])\s+", plain(text))
    for sentence in sentences:
        if sentence.rstrip().endswith("?"):
            continue
        for piece in (part for chunk in SPLIT_EN.split(sentence) for part in CONJ_EN.split(chunk)):
            clause = FILLER_EN.sub("", piece.strip(" ,'\"-–—")).strip(" ,'\"-–—")
            score = _score_en(clause)
            if score > 0:
                found.append((score - 0.01 * len(found), _flip_en(clause)))
    names = {name.lower(): name for name in NAMED.findall(text) if not name.isupper() or len(name) <= LONGEST_ACRONYM}
    return [_named(clause, names) for _, clause in sorted(found, key=lambda item: -item[0])]


def _named(clause: str, names: dict[str, str]) -> str:
    """Give back the capitals of names, which matching had folded."""
    return re.sub(r"[\w']+", lambda match: names.get(match.group(), match.group()), clause)


def _score_en(clause: str) -> float:
    words = clause.split()
    if not MIN_WORDS <= len(words) <= MAX_WORDS or not is_safe(clause, "en"):
        return 0.0
    if not VERB_EN.search(clause) or re.search(r"\b(you|your|u|ur)\b", clause):
        return 0.0
    if re.search(r"^(what|why|how|when|where|who|which|should|could|can|do|does|is|are|if|to|of|for|than)\b", clause):
        return 0.0
    if re.search(r"\b(don't know what to say|want to talk|need to talk|thank|last thing)\b", clause):
        return 0.0
    if re.search(r"\b(and|but|the|a|to|of|with|for|my|that|because|or|if|when)$", clause):
        return 0.0
    opening = 1.2 if re.match(r"(i|i'm|im|i've|ive|i'd|my|we|he|she|they|no one|nobody|everyone)\b", clause) else 0.3
    return opening + 0.08 * min(len(words), 11) - (0.4 if re.match(r"(it|this|that|there)\b", clause) else 0.0)


def _flip_en(clause: str) -> str:
    words = clause.split()
    flipped: list[str] = []
    for index, raw in enumerate(words):
        word = raw.strip(",.!?'\"")
        before = flipped[-1] if flipped else ""
        new = FLIP.get(word, word)
        if word in {"was", "wasn't"} and (before == "you" or (index and words[index - 1] in {"i", "we"})):
            new = word.replace("was", "were")
        flipped.append(raw.replace(word, new, 1) if word else raw)
    return _proper_nouns(" ".join(flipped))


def _proper_nouns(text: str) -> str:
    names = "monday tuesday wednesday thursday friday saturday sunday january february april june july august september"
    names += " october november december christmas english spanish french german chinese london paris"
    for name in names.split():
        text = re.sub(rf"\b{name}(?=s?\b)", name.capitalize(), text)
    return text


def _clauses_zh(text: str) -> list[str]:
    found: list[tuple[float, str]] = []
    for piece in SPLIT_ZH.split(text):
        clause = FILLER_ZH.sub("", piece.strip()).rstrip("呢吧啊呀嘛哦啦吗么") or piece.strip()
        clause = clause if len(clause) >= MIN_CHARS else piece.strip().rstrip("呢吧啊呀嘛哦啦")
        if not MIN_CHARS <= len(clause) <= MAX_CHARS or not is_safe(clause, "zh"):
            continue
        if (
            re.search(r"[你您妳]|怎么办|为什么|怎么(做|说)|什么意思|谢|吗$|呢$|聊聊|不知道$", clause)
            or clause.isascii()
        ):
            continue
        score = 0.05 * min(len(clause), 12) + (0.5 if "我" in clause else 0.0) - 0.01 * len(found)
        found.append((score, second_person(clause, "zh")))
    return [clause for _, clause in sorted(found, key=lambda item: -item[0])]
