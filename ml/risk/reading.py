"""A message read once in its context: plain text, rule hits, what was asked and said before. Gives no level yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ml.encoder.tokens import CONTEXT_TURNS
from ml.risk.composition import TURNS as COMPOSED_TURNS
from ml.risk.composition import composed_hits, parts_of
from ml.risk.lexicon import load_lexicon
from ml.risk.literals import Scanned
from ml.risk.rules import Hit, blank_sayings, find_hits, languages_in
from ml.text import Normalised, detect_language, normalise
from ml.types import ChatTurn, Language, RiskLevel

# Turns of the person before this one that count; older ones live on in the session state.
TURNS = 10
_TURN_LIMIT = 600
_ASKED = ("ask_suicide", "ask_safety", "ask_plan", "ask_if_safe")
_SAID = (
    *("yes", "no", "not_safe", "soon", "done", "retraction", "humour", "fiction", "theme", "past", "present"),
    *("resolved", "real"),
)
_BEFORE = ("benign", "fiction", "ask_suicide", "setting")
_AMBIGUOUS = frozenset({"plan", "attempt_in_progress", "third_person", "abuse_disclosure", "harm_others", "self_harm"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What rules, context and heads share. `cues` are names only, never words of the person."""

    language: Language
    message: Normalised
    hits: tuple[Hit, ...]
    hint_level: RiskLevel
    asked: str
    before: tuple[str, ...]
    scene: RiskLevel
    scene_kind: str
    cues: frozenset[str]
    is_explained: bool = False
    # The last turns as they were written, for the encoder; everything else here is folded.
    context: tuple[ChatTurn, ...] = ()

    @property
    def rule_level(self) -> RiskLevel:
        """Highest level of the message's own hits."""
        return max((hit.level for hit in self.hits), default=RiskLevel.NONE)

    @property
    def has_setting(self) -> bool:
        """True where the earlier turns name a harmless scene (a game, a play, a pill box) and no danger."""
        if self.scene >= RiskLevel.LOW or any(cue.startswith("asked.") for cue in self.cues):
            return False
        return _names_setting(self.cues)

    @property
    def is_small_talk(self) -> bool:
        """True where the whole message is greeting, thanks, yes, no or the like: it says nothing by itself."""
        text = self.message.text
        return any(load_lexicon(language).says("small_talk", text) for language in languages_in(text) or ("en",))

    @property
    def says_nothing(self) -> bool:
        """True for small talk that opens a conversation; after other turns a "yes" may say everything."""
        return self.is_small_talk and not self.before

    def alone(self) -> Reading:
        """The same message as if nothing had been said before it."""
        said = frozenset(cue for cue in self.cues if cue.startswith("says."))
        return replace(self, asked="", before=(), scene=RiskLevel.NONE, scene_kind="neutral", cues=said, context=())


def read(text: str, context: Sequence[ChatTurn] = (), language: Language | None = None) -> Reading:
    """Normalise the message and its context and ask the lexicon about both."""
    message = _scanned(normalise(text))
    chosen = language or detect_language(text, _language_of(context))
    context = _telling(context)
    found = find_hits(message)
    asked = next((turn.text for turn in reversed(context) if turn.role in ("assistant", "counsellor")), "")
    asked = normalise(asked[-_TURN_LIMIT:]).text
    said = [turn.text for turn in context if turn.role == "user"][-TURNS:]
    before = [_scanned(normalise(part[-_TURN_LIMIT:])) for part in said]
    hits_before = [find_hits(part) for part in before]
    scene = max((hit for hits in hits_before for hit in hits), key=lambda hit: hit.level, default=None)
    cues = _cues(message.text, asked, " / ".join(part.text for part in before[-3:]))
    is_harmless = "before.benign" in cues and (scene is None or scene.level < RiskLevel.MODERATE)
    recent = zip(before[-COMPOSED_TURNS:], hits_before[-COMPOSED_TURNS:], strict=True)
    parts = parts_of(message.text, found)
    composed = composed_hits(
        parts,
        [parts_of(part.text, hits) for part, hits in recent],
        is_asked=any(cue.startswith("asked.") for cue in cues),
        is_harmless=is_harmless and _names_setting(cues),
    )
    if is_harmless:
        found = [_as_hint(hit) for hit in found]
    found = sorted([*composed, *found], key=lambda hit: -hit.level)
    return Reading(
        language=chosen,
        message=message,
        hits=tuple(hit for hit in found if hit.level > RiskLevel.NONE),
        hint_level=max((hit.hint for hit in found), default=RiskLevel.NONE),
        asked=asked,
        before=tuple(part.text for part in before),
        scene=scene.level if scene else RiskLevel.NONE,
        scene_kind=scene.kind if scene else "neutral",
        cues=cues,
        is_explained=parts.is_explained,
        context=tuple(context)[-CONTEXT_TURNS:],
    )


def _scanned(found: Normalised) -> Normalised:
    """The same with a text that is gone through once, however many questions it is asked."""
    return replace(found, text=Scanned(found.text))


def _language_of(context: Sequence[ChatTurn]) -> Language:
    """Language of the latest turn that has words; English where there is none."""
    latest = next((turn.text for turn in reversed(context) if turn.text.strip()), "")
    return detect_language(latest)


def _telling(context: Sequence[ChatTurn]) -> tuple[ChatTurn, ...]:
    """The turns from the first that says or asks something: greetings before it change nothing, and must not."""
    for place, turn in enumerate(context):
        text = normalise(turn.text[-_TURN_LIMIT:]).text
        lexicons = [load_lexicon(language) for language in languages_in(text) or ("en",)]
        if turn.role == "user":
            if not any(lexicon.says("small_talk", text) for lexicon in lexicons):
                return tuple(context[place:])
        elif any(lexicon.says(cue, text) for lexicon in lexicons for cue in _ASKED):
            return tuple(context[place:])
    return ()


def _names_setting(cues: frozenset[str]) -> bool:
    return "before.setting" in cues or "before.fiction" in cues


def _as_hint(hit: Hit) -> Hit:
    """A hit in a plainly harmless conversation ("the rope holds" after "decorating for the play") is for the head.

    What is said in so many words stays as it is in any conversation.
    """
    is_plain = ".explicit." in hit.rule or hit.rule.endswith(".now.attempt")
    return replace(hit, level=RiskLevel.NONE, hint=hit.level) if hit.kind in _AMBIGUOUS and not is_plain else hit


def _cues(message: str, asked: str, before: str) -> frozenset[str]:
    found: set[str] = set()
    asked, before = Scanned(asked), Scanned(before)
    for language in languages_in(message):
        lexicon = load_lexicon(language)
        text = blank_sayings(message, lexicon)
        found.update(f"says.{cue}" for cue in _SAID if lexicon.says(cue, text))
    for language in languages_in(asked):
        lexicon = load_lexicon(language)
        found.update(f"asked.{cue}" for cue in _ASKED if lexicon.says(cue, asked))
    for language in languages_in(before):
        lexicon = load_lexicon(language)
        found.update(f"before.{cue}" for cue in _BEFORE if lexicon.says(cue, before))
    if "before.fiction" in found:
        found.add("before.benign")
    if any(cue.startswith("asked.") for cue in found):
        found.discard("before.benign")
    return frozenset(found)
