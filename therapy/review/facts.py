"""What a crisis is asked about (thoughts, plan, means, time), found in the person's own words, with the place of each.

A reading aid for the packet: it decides nothing, raises nothing and is stored nowhere. What it does not find must be
asked. Words with a denial before them are shown as denied, not left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from therapy.chat.models import Message
from therapy.chat.selectors import MessageView
from therapy.safety.models import Level

_FLAGS = re.IGNORECASE
_PATTERNS: dict[str, re.Pattern[str]] = {
    "desire": re.compile(
        r"\b(?:kill(?:ing)? myself|suicid\w+|end(?:ing)? (?:it all|my life|everything)|better off dead|"
        r"(?:want|wanna|wish|ready|going) to (?:die|be dead|disappear)|wish i (?:was|were) dead|"
        r"(?:don'?t|do not) want to (?:live|be here|wake up|exist)|not wake up|hurt(?:ing)? myself|cut(?:ting)? myself)"
        r"|不想(?:再)?(?:活|醒|存在)|活不下去|想死|去死|寻死|自杀|轻生|自残|自伤|结束(?:自己的|我的)?生命|了结|解脱|消失",
        _FLAGS,
    ),
    "plan": re.compile(
        r"\b(?:plan(?:ned|ning)?|decided|made up my mind|i(?:'ll| will| am going to| know how)|"
        r"(?:wrote|written) (?:an? |the |my )?(?:letters?|notes?)|goodbye|gave away|"
        r"jump(?:ing)?|hang(?:ing)?|overdos\w+|my method)\b"
        r"|计划|打算|决定了?|想好了|安排好|遗书|写好了?信|告别|跳(?:楼|下去|河|桥)|上吊|割腕|烧炭|吞药",
        _FLAGS,
    ),
    "means": re.compile(
        r"\b(?:pills?|tablets?|meds|medication|rope|gun|knife|razors?|blades?|bridge|roof(?:top)?|bleach|poison|charcoal|"
        r"railway|tracks?)\b|安眠药|农药|药片|药|刀片|刀|绳子?|枪|楼顶|天台|大桥|桥上|炭|铁轨",
        _FLAGS,
    ),
    "timeframe": re.compile(
        r"\b(?:right now|now|tonight|today|tomorrow|this (?:evening|week(?:end)?|morning)|next week|soon|"
        r"(?:on|next) (?:mon|tues|wednes|thurs|fri|satur|sun)day|in (?:an?|\d+|a few) (?:minutes?|hours?|days?)|"
        r"when (?:they|she|he) (?:are|is) (?:all )?(?:gone|asleep|away|at))\b"
        r"|今晚|现在|马上|今天|明天|明晚|这周|周末|(?:这|下)?周[一二三四五六日天]|下周|一会儿|过几天|凌晨|半夜|等(?:他|她|爸|妈|家里).{0,6}(?:走|睡|去|出门)",
        _FLAGS,
    ),
}
NAMES = {
    "desire": _("Thoughts"),
    "plan": _("Plan"),
    "means": _("Means"),
    "timeframe": _("Time"),
}
_DENIED_EN = re.compile(
    r"\b(?:no|not|never|don'?t|haven'?t|wouldn'?t|won'?t|isn'?t|without|nothing)\b[^.!?;]{0,24}$", _FLAGS
)
_DENIED_ZH = re.compile(r"(?:没有?|从没|从来没|不会|不是|并不|并没|绝不)[^。！？；，]{0,6}$")
# A plan, means and days mean something near a message of danger only; "tomorrow" alone is any evening's word.
_NEAR = 2
_AROUND = 30
_MOST = 4


@dataclass(frozen=True, slots=True)
class Quote:
    """A hit with the words around it. `is_denied`: a denial stands before it."""

    message_id: UUID
    seq: int
    before: str
    hit: str
    after: str
    is_denied: bool


@dataclass(frozen=True, slots=True)
class FactFound:
    """One of the four questions: what was said to it, the newest first; `is_open`: nothing, so it must be asked."""

    key: str
    name: str
    quotes: tuple[Quote, ...]

    @property
    def is_open(self) -> bool:
        """Nothing was said to it."""
        return not self.quotes


def facts_of(messages: Iterable[MessageView], flagged: frozenset[UUID] = frozenset()) -> list[FactFound]:
    """The four questions over a conversation; `flagged` names messages of danger besides those screened as such."""
    mine = [view for view in messages if view.role == Message.Role.USER]
    near = _near_danger(mine, flagged)
    found = []
    for key, pattern in _PATTERNS.items():
        views = mine if key == "desire" else [view for view in mine if view.seq in near]
        quotes = [quote for view in reversed(views) for quote in _quotes(view, pattern)]
        found.append(FactFound(key, str(NAMES[key]), tuple(quotes[:_MOST])))
    return found


def _near_danger(mine: list[MessageView], flagged: frozenset[UUID]) -> set[int]:
    near: set[int] = set()
    for place, view in enumerate(mine):
        if view.risk_level >= Level.MODERATE or view.id in flagged:
            near |= {other.seq for other in mine[max(0, place - _NEAR) : place + _NEAR + 1]}
    return near


def _quotes(view: MessageView, pattern: re.Pattern[str]) -> list[Quote]:
    quotes = []
    last = -1
    for hit in pattern.finditer(view.text):
        if hit.start() < last:
            continue
        before, after = view.text[: hit.start()], view.text[hit.end() :]
        last = hit.end() + _AROUND
        quotes.append(
            Quote(
                message_id=view.id,
                seq=view.seq,
                before=("…" if len(before) > _AROUND else "") + before[-_AROUND:],
                hit=hit.group(),
                after=after[:_AROUND] + ("…" if len(after) > _AROUND else ""),
                is_denied=bool(_DENIED_EN.search(before) or _DENIED_ZH.search(before)),
            )
        )
    return quotes
