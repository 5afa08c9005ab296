"""Runs multi-turn scripts through risk ▸ emotion ▸ generate ▸ guard with any engine, and checks the replies.

Rows: {"id", "lang", "locale", "turns": [{"user", "must": [...], "must_not": [...]}]}; codes as in behaviours.json.
A turn may give "risk" and "kind" itself: then it is not screened, unless `--levels detector` asks for what the person
would really get; the report then says where the two differ. A row may hold what is known of the person ("name",
"goals", "plan_steps", "memory").
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ml.config import EngineConfig
from ml.evaluation import behaviours
from ml.evaluation.behaviours import Turn
from ml.evaluation.rows import EvaluationError, read_rows
from ml.llm import policy
from ml.llm.companion import Companion, answers
from ml.llm.guard import broken_rules
from ml.risk import assess
from ml.runtime import build_language_model
from ml.types import ChatTurn, Language, LanguageModel, PersonContext, ReplyChunk, ReplyRequest, RiskLevel
from ml.understanding.emotion import read as read_emotion

# Line to talk to and emergency number by country, for the scripts alone; the product has its own verified table.
NUMBERS = {
    "US": ("988", "911"), "CA": ("988", "911"), "GB": ("116 123", "999"), "IE": ("116 123", "112"),
    "IN": ("14416", "112"), "CN": ("12356", "120"), "HK": ("18111", "999"),
}  # fmt: skip
HOME = {"en": "US", "zh": "CN"}
RECENT = 6  # messages that keep a level of high alive; older ones hold it at moderate


@dataclass(slots=True)
class Exchange:
    """One turn of a transcript."""

    user: str
    reply: str
    risk: str
    kind: str
    own_risk: str
    script_risk: str
    emotion: str
    strategy: str
    entries: tuple[str, ...]
    guard: tuple[str, ...]
    first_ms: float
    total_ms: float
    met: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this suite."""
    parser.add_argument("--seeds", type=int, default=3, help="times each script is run")
    parser.add_argument(
        "--levels", choices=("script", "detector"), default="script", help="whose levels count where a script gives one"
    )
    parser.add_argument("--backend", help="engine to speak; the other LLM_* settings come from the environment")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Run every script with every seed, print the summary and give back transcripts and figures.

    Raises:
        EvaluationError: no scripts were given.
    """
    if not args.data:
        raise EvaluationError("dialogue needs --data scripts.jsonl")
    rows = [row for row in read_rows(args.data) if not args.lang or row["lang"] == args.lang]
    environ = {**os.environ, **({"LLM_BACKEND": args.backend} if args.backend else {})}
    config = EngineConfig.from_environ({k: v for k, v in environ.items() if k.startswith("LLM_")})
    engine, companion = build_language_model(config), Companion()
    talks = [
        {"id": row["id"], "lang": row["lang"], "seed": seed, "turns": hold(row, seed, engine, companion, args.levels)}
        for row in rows
        for seed in range(args.seeds)
    ]
    engine.close()
    report: dict[str, object] = {"engine": asdict(engine.info()), "summary": summarise(talks), "transcripts": talks}
    print_summary(report)
    for talk in talks:
        talk["turns"] = [asdict(exchange) for exchange in talk["turns"]]
    return report


def hold(
    row: Mapping[str, Any], seed: int, engine: LanguageModel, companion: LanguageModel, whose: str = "script"
) -> list[Exchange]:
    """One script with one seed; `whose` levels count: the script's where it gives one, or the detector's."""
    language: Language = "zh" if row["lang"] == "zh" else "en"
    country = str(row.get("locale") or HOME[language]).replace("_", "-").split("-")[-1].upper()
    line, emergency = NUMBERS.get(country, NUMBERS[HOME[language]])
    turns: list[ChatTurn] = []
    levels: list[RiskLevel] = []
    plainly = False
    done: list[Exchange] = []
    for number, wanted in enumerate(row["turns"]):
        text = str(wanted["user"])
        level, kind, is_plain = _risk(wanted if whose == "script" else {}, text, turns, language)
        plainly = plainly or is_plain
        turns.append(ChatTurn("user", text))
        levels.append(level)
        request = ReplyRequest(
            request_id=f"{row['id']}.{number}",
            language=language,
            turns=tuple(turns),
            risk=_session_level(levels),
            risk_kind=kind,
            risk_is_plain=plainly,
            emotion=read_emotion(text, language).label,
            person=_person(row),
            memory=tuple(row.get("memory", ())),
            passages=answers.passages(text, language),
            crisis_line=line,
            emergency_number=emergency,
            used_entries=frozenset(key for exchange in done for key in exchange.entries),
            seed=seed,
        )
        exchange = _speak(engine, companion, request, level, str(wanted.get("risk", "")))
        _judge(exchange, wanted, request, [e.reply for e in done])
        done.append(exchange)
        turns.append(ChatTurn("assistant", exchange.reply))
    return done


def _person(row: Mapping[str, Any]) -> PersonContext:
    return PersonContext(
        name=str(row.get("name", "")),
        goals=tuple(row.get("goals", ())),
        plan_steps=tuple(row.get("plan_steps", ())),
    )


def _risk(
    wanted: Mapping[str, Any], text: str, turns: Sequence[ChatTurn], language: Language
) -> tuple[RiskLevel, str, bool]:
    """Level, kind and whether it was said plainly, by the screening; unless the script gives them, so that speaking
    can be judged apart from it."""
    if "risk" in wanted:
        return RiskLevel[str(wanted["risk"]).upper()], str(wanted.get("kind", "neutral")), True
    assessment = assess(text, turns, language)
    return assessment.level, assessment.kind, assessment.is_plain


def _session_level(levels: Sequence[RiskLevel]) -> RiskLevel:
    """As in the app: the message's own level, or what is left of an earlier one."""
    earlier = min(max(levels), max(*levels[-RECENT:], RiskLevel.MODERATE))
    return max(levels[-1], earlier)


def _speak(
    engine: LanguageModel, companion: LanguageModel, request: ReplyRequest, own: RiskLevel, given: str
) -> Exchange:
    started = time.perf_counter()
    first, parts, last = 0.0, [], ReplyChunk("")
    for chunk in policy.speak(engine, companion, request, lambda: False):
        first = first or time.perf_counter() - started
        parts.append(chunk.text)
        last = chunk
    return Exchange(
        user=request.turns[-1].text,
        reply="".join(parts).strip(),
        risk=request.risk.label,
        kind=request.risk_kind,
        own_risk=own.label,
        script_risk=given,
        emotion=request.emotion,
        strategy=last.strategy,
        entries=last.entries,
        guard=broken_rules(last),
        first_ms=round(1000 * first, 1),
        total_ms=round(1000 * (time.perf_counter() - started), 1),
    )


def _judge(exchange: Exchange, wanted: Mapping[str, Any], request: ReplyRequest, earlier: list[str]) -> None:
    turn = Turn(
        language=request.language,
        user=exchange.user,
        reply=exchange.reply,
        earlier=tuple(earlier),
        level=RiskLevel[(exchange.script_risk or exchange.own_risk).upper()],
        crisis_line=request.crisis_line,
        emergency_number=request.emergency_number,
    )
    for code in wanted.get("must", ()):
        verdict = behaviours.is_met(code, turn)
        if verdict is not None:
            (exchange.met if verdict else exchange.missed).append(code)
    codes = {*wanted.get("must_not", ()), *behaviours.CRITICAL, "REPEAT", "WALL"}
    exchange.broken = sorted(code for code in codes if behaviours.is_broken(code, turn))


def summarise(talks: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Figures over all transcripts."""
    turns = [exchange for talk in talks for exchange in talk["turns"]]
    met = Counter(code for turn in turns for code in turn.met)
    missed = Counter(code for turn in turns for code in turn.missed)
    first = sorted(turn.first_ms for turn in turns)
    return {
        "conversations": len(talks),
        "turns": len(turns),
        "risk": dict(Counter(turn.risk for turn in turns)),
        "must": {code: [met[code], met[code] + missed[code]] for code in sorted({*met, *missed})},
        "broken": dict(Counter(code for turn in turns for code in turn.broken)),
        "guarded": dict(Counter(code for turn in turns for code in turn.guard)),
        "first_chunk_ms": {"p50": _at(first, 0.5), "p95": _at(first, 0.95)},
        "against_script": _against_script(turns),
        "repeated_replies": sum(_repeats([turn.reply for turn in talk["turns"]]) for talk in talks),
        "more_than_one_question": sum(behaviours.questions_in(turn.reply) > 1 for turn in turns),
        **{
            lang: _style([t for talk in talks if talk["lang"] == lang for t in talk["turns"]], lang)
            for lang in ("en", "zh")
        },
    }


def _against_script(turns: Sequence[Exchange]) -> dict[str, int]:
    """Turns whose level the script gives, and how the level they were answered with differs at moderate."""
    given = [turn for turn in turns if turn.script_risk]
    owed = [RiskLevel[turn.script_risk.upper()] >= RiskLevel.MODERATE for turn in given]
    found = [RiskLevel[turn.own_risk.upper()] >= RiskLevel.MODERATE for turn in given]
    pairs = list(zip(owed, found, strict=True))
    calm = [turn for turn in given if turn.script_risk == "none"]
    return {
        "turns": len(given),
        "flagged_owed": pairs.count((True, True)),
        "flagged_not_owed": pairs.count((False, True)),
        "missed": pairs.count((True, False)),
        "none": len(calm),
        "low_for_none": sum(turn.own_risk == "low" for turn in calm),
        "danger_answered_for_none": sum("OVERTRIG" in turn.broken for turn in calm),
    }


def _style(turns: Sequence[Exchange], language: Language) -> dict[str, float]:
    """Mean length (words or characters) and distinct n-grams over n-grams."""
    if not turns:
        return {}
    units = [turn.reply.lower().split() if language == "en" else list(turn.reply) for turn in turns]
    lengths = [behaviours.size_of(turn.reply, language) for turn in turns]
    figures = {"turns": len(turns), "mean_length": round(statistics.mean(lengths), 1), "longest": max(lengths)}
    for n in (1, 2, 3):
        grams = [tuple(unit[i : i + n]) for unit in units for i in range(len(unit) - n + 1)]
        figures[f"distinct_{n}"] = round(len(set(grams)) / max(len(grams), 1), 3)
    return figures


def _repeats(replies: Sequence[str]) -> int:
    return len(replies) - len(set(replies))


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def print_summary(report: Mapping[str, Any]) -> None:
    """The figures a person reads first."""
    summary = report["summary"]
    print(f"{report['engine']['engine']}: {summary['conversations']} conversations, {summary['turns']} turns")
    for code, (met, total) in summary["must"].items():
        print(f"  must {code:<15} {met:>5} / {total}")
    for name in (
        "broken",
        "guarded",
        "risk",
        "against_script",
        "first_chunk_ms",
        "repeated_replies",
        "more_than_one_question",
        "en",
        "zh",
    ):
        print(f"  {name}: {summary[name]}")
