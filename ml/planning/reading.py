"""From one line of the library to its record: which fields there are and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ml.planning.fields import Fields
from ml.planning.records import Article, Bilingual, Phase, Practice, Review, Technique

WHEN = ("any", "morning", "evening", "in_distress")
LEVELS = ("self_help",)
KINDS = ("breathing", "grounding", "imagery", "meditation", "movement", "sleep")
PHASES = ("settle", "relax", "mindfulness", "focus")
PACER = ("in", "hold", "out", "hold_out")
ADAPT = ("if_tense", "if_scattered", "if_tired")
SOUNDS = ("waves", "tone", "silence", "rain", "wind")
SCENES = ("lake", "snow", "room", "forest", "dunes", "stars")
EMOTIONS = frozenset(
    {
        "anger",
        "anxiety",
        "emptiness",
        "fear",
        "frustration",
        "grief",
        "guilt",
        "hopelessness",
        "loneliness",
        "numbness",
        "overwhelm",
        "restlessness",
        "sadness",
        "shame",
        "tiredness",
    }
)
NEEDS = frozenset(
    {
        "autonomy",
        "clarity",
        "comfort",
        "competence",
        "connection",
        "control",
        "kindness",
        "meaning",
        "release",
        "rest",
        "safety",
        "structure",
    }
)
_UNKNOWN = Review("withheld", "no review state")


@dataclass(frozen=True, slots=True)
class Known:
    """Names that records may refer to."""

    problems: frozenset[str]
    mechanisms: frozenset[str]
    cautions: frozenset[str]


def read_technique(fields: Fields, known: Known, reviews: Mapping[str, Review]) -> Technique:
    """One technique."""
    key = fields.id()
    technique = Technique(
        id=key,
        family=fields.text("family"),
        title=fields.bilingual("title"),
        summary=fields.bilingual("summary"),
        why=fields.bilingual("why"),
        steps=fields.lines("steps"),
        minutes=fields.integer("minutes", 1, 60),
        effort=fields.integer("effort", 1, 3),
        when=fields.names("when", WHEN),
        problems=fields.names("problems", known.problems),
        mechanisms=fields.names("mechanisms", known.mechanisms),
        emotions=fields.names("emotions", EMOTIONS),
        needs=fields.names("needs", NEEDS),
        cautions=fields.bilingual("cautions"),
        not_for=frozenset(fields.names("not_for", known.cautions, may_be_empty=True)),
        measure=fields.bilingual("measure"),
        evidence=fields.text("evidence"),
        level=fields.choice("level", LEVELS),
        tags=fields.names("tags"),
        review=reviews.get(key, _UNKNOWN),
    )
    fields.end()
    return technique


def read_article(fields: Fields, known: Known, reviews: Mapping[str, Review]) -> Article:
    """One article."""
    key = fields.id()
    article = Article(
        id=key,
        title=fields.bilingual("title"),
        question=fields.bilingual("question"),
        answer=fields.bilingual("answer"),
        key_points=fields.lines("key_points"),
        see_help_if=fields.bilingual("see_help_if"),
        problems=fields.names("problems", known.problems, may_be_empty=True),
        techniques=fields.names("techniques", may_be_empty=True),
        practices=fields.names("practices", may_be_empty=True),
        evidence=fields.text("evidence"),
        tags=fields.names("tags"),
        review=reviews.get(key, _UNKNOWN),
    )
    fields.end()
    return article


def read_practice(fields: Fields, known: Known, reviews: Mapping[str, Review]) -> Practice:
    """One practice; its phases must last as long as its middle length."""
    key = fields.id()
    minutes = _minutes(fields)
    phases = _phases(fields)
    seconds = sum(phase.seconds for phase in phases)
    if seconds != minutes[1] * 60:
        fields.fault("phases", f"last {seconds} s, but the middle length is {minutes[1]} min")
    practice = Practice(
        id=key,
        title=fields.bilingual("title"),
        kind=fields.choice("kind", KINDS),
        minutes=minutes,
        phases=phases,
        adapt=_adapt(fields),
        cautions=fields.bilingual("cautions"),
        alternatives=fields.names("alternatives"),
        sound=fields.choice("sound", SOUNDS),
        scene=fields.choice("scene", SCENES),
        problems=fields.names("problems", known.problems),
        evidence=fields.text("evidence"),
        review=reviews.get(key, _UNKNOWN),
    )
    fields.end()
    return practice


def _minutes(fields: Fields) -> tuple[int, int, int]:
    value = fields.value("minutes")
    if not isinstance(value, list) or len(value) != 3 or not all(type(length) is int for length in value):
        fields.fault("minutes", "must be three whole numbers")
        return 1, 1, 1
    if not 1 <= value[0] <= value[1] <= value[2] <= 90:
        fields.fault("minutes", f"must rise and stay within 1 and 90, not {value}")
    return value[0], value[1], value[2]


def _phases(fields: Fields) -> tuple[Phase, ...]:
    rows = fields.value("phases")
    if not isinstance(rows, list) or not rows:
        fields.fault("phases", "must be a list that is not empty")
        return ()
    return tuple(_phase(fields.inner(f"phases[{place}]", row)) for place, row in enumerate(rows))


def _phase(fields: Fields) -> Phase:
    raw = fields.value("pacer")
    pacer: dict[str, float] = {}
    if raw is not None:
        inner = fields.inner("pacer", raw)
        pacer = {name: inner.number(name, 0, 20) for name in PACER if name != "hold_out" or name in inner}
        inner.end()
    phase = Phase(fields.choice("phase", PHASES), fields.integer("seconds", 10, 3600), pacer, fields.lines("script"))
    fields.end()
    return phase


def _adapt(fields: Fields) -> dict[str, Bilingual]:
    inner = fields.inner("adapt", fields.value("adapt"))
    adapt = {name: inner.bilingual(name) for name in ADAPT}
    inner.end()
    return adapt
