"""What the help page shows, as plain values: lines grouped the way a person looks for them. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ml.types import RiskLevel
from therapy.safety import hotlines
from therapy.safety.hotlines import Hotline

# Words of the page that depend on data; its prose stands in templates/safety/_help_en.html and _help_zh.html.
_AUDIENCES: Mapping[str, Mapping[str, str]] = {
    "general": {"en": "For anyone", "zh": "任何人都可以用"},
    "youth": {"en": "For children and young people", "zh": "儿童与青少年"},
    "women": {"en": "For women", "zh": "女性"},
    "men": {"en": "For men", "zh": "男性"},
    "veterans": {"en": "For veterans", "zh": "退伍军人"},
    "substance": {"en": "About alcohol and drugs", "zh": "关于酒精和药物"},
    "directory": {"en": "Other countries", "zh": "其他国家和地区"},
}
_CHANNELS: Mapping[str, Mapping[str, str]] = {
    "call": {"en": "Call", "zh": "拨打"},
    "text": {"en": "Text", "zh": "发短信"},
    "chat": {"en": "Write online", "zh": "在线文字"},
    "walk_in": {"en": "Go there", "zh": "前往"},
    "web": {"en": "Open", "zh": "打开"},
}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line in one language."""

    name: str
    number: str
    href: str
    hours: str
    verb: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines for one audience."""

    title: str
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class CountryChoice:
    """One entry of the country list."""

    code: str
    name: str
    is_chosen: bool


def _shown(line: Hotline, language: str) -> ShownLine:
    verb = _CHANNELS[line.channel][language]
    return ShownLine(line.name[language], line.number, line.href, line.hours[language], verb)


def emergency_lines(country: str, language: str) -> list[ShownLine]:
    """Emergency numbers of a country; empty where none is known."""
    lines = hotlines.lines_for(country, level=RiskLevel.IMMINENT, language=language)
    return [_shown(line, language) for line in lines if line.is_emergency]


def groups(country: str, language: str) -> list[Group]:
    """All other lines, the general ones first, the directory always last."""
    lines = [line for line in hotlines.lines_for(country, language=language) if not line.is_emergency]
    if not any(line.audience == "directory" for line in lines):
        lines.append(hotlines.directory_line())
    return [
        Group(title[language], tuple(_shown(line, language) for line in lines if line.audience == audience))
        for audience, title in _AUDIENCES.items()
        if any(line.audience == audience for line in lines)
    ]


def country_choices(language: str, chosen: str) -> list[CountryChoice]:
    """Countries of the table; a chosen one outside it is added, so that the page says what it was asked for."""
    codes = [*hotlines.countries()]
    if chosen and chosen not in codes:
        codes.append(chosen)
    return [CountryChoice(code, hotlines.country_name(code, language), code == chosen) for code in codes]
