"""Decides on one text: which rules object. The text may be a sentence, a whole reply, or a reply so far."""

from __future__ import annotations

from ml.llm.guard.measures import has_foreign_number, has_link, is_noise, is_other_language, is_too_long
from ml.llm.guard.rules import load_rules, plain, sentences
from ml.types import GuardVerdict, Language, RiskLevel


def check(text: str, *, language: Language, risk: RiskLevel, allowed_numbers: frozenset[str]) -> GuardVerdict:
    """Vet a text.

    `allowed_numbers` are the strings of the person's hotline table as they may be spoken: numbers, or a line's whole
    wording; they are not taken for numbers or links of unknown origin.
    """
    rules = [rule_id for rule_id, is_broken in _measured(text, language, risk, allowed_numbers) if is_broken]
    folded = plain(text)
    units = sentences(folded)
    for rule in load_rules():
        if rule.id not in rules and any(rule.objects(unit) for unit in ((folded, *units) if rule.whole else units)):
            rules.append(rule.id)
    return GuardVerdict(rules=tuple(rules))


def _measured(text: str, language: Language, risk: RiskLevel, allowed: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    return (
        ("CONTACT", has_foreign_number(text, allowed)),
        ("LINK", has_link(text, allowed)),
        ("LANG", is_other_language(text, language)),
        ("NOISE", is_noise(text)),
        ("LENGTH", is_too_long(text, language, risk)),
    )
