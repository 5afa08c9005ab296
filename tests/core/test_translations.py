"""Both languages are whole, and neither calls the program what it is not."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.utils import translation
from django.utils.translation.template import templatize

from therapy.core.management.commands.compile_translations import catalogues, compile_catalogue

ROOT = Path(settings.BASE_DIR)
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "pgettext_lazy": ((1, "c"), 2), "ngettext_lazy": (1, 2)}
BLAMELESS = ("test", "tests", "migrations")


def texts_in(source: str) -> set[tuple[str | None, str]]:
    found = set()
    for _, message, _, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        singular = message[0] if isinstance(message, tuple) else message
        if singular:
            found.add((context, singular))
    return found


@cache
def used() -> dict[tuple[str | None, str], str]:
    """Every text marked for translation, with a file that uses it."""
    found = {}
    for template in (ROOT / "templates").rglob("*.*"):
        source = templatize(template.read_text(), origin=str(template))
        # What stands between the calls keeps its indentation, which no Python tokenizer would accept.
        for text in texts_in("\n".join(line.strip() for line in source.splitlines())):
            found[text] = str(template.relative_to(ROOT))
    for package in ("accounts", "therapy"):
        for module in (ROOT / package).rglob("*.py"):
            if not set(module.parts) & set(BLAMELESS):
                for text in texts_in(module.read_text()):
                    found[text] = str(module.relative_to(ROOT))
    return found


@cache
def chinese() -> dict[tuple[str | None, str], str]:
    """Every text of our own catalogues with its translation."""
    found = {}
    for source in catalogues():
        with source.open("rb") as lines:
            for message in read_po(lines, locale="zh_Hans"):
                if not message.id or message.fuzzy:
                    continue
                plural = isinstance(message.id, tuple)
                text = message.string[0] if plural else message.string
                if text:
                    found[message.context, message.id[0] if plural else message.id] = text
    return found


def test_the_walk_finds_templates_and_code():
    assert len(used()) > 300
    assert (None, "Get help now") in used()
    assert ("brand", "Attune") in used()
    assert any(place.startswith("accounts/forms") for place in used().values())


def test_every_text_has_a_chinese_one():
    missing = {text: place for text, place in used().items() if text not in chinese()}
    assert missing == {}


def test_placeholders_survive_the_translation():
    for (context, english), text in chinese().items():
        for pattern in (r"%\(\w+\)s", r"(?<!%)\{\w+\}"):
            if (context, english) in used():
                assert set(re.findall(pattern, english)) == set(re.findall(pattern, text)), english


FORBIDDEN_EN = re.compile(
    r"\b(therap\w*|psychologists?|psychotherap\w*|treatments?|diagnos\w*|clinically proven|cures?)\b", re.I
)
FORBIDDEN_ZH = re.compile(r"治疗|治愈|疗法|诊断|心理医生|心理咨询师|临床证明|临床验证")
DENIED_EN = re.compile(r"\b(not|no|never|cannot|neither|nor)\b[^.!?]*$", re.I)
DENIED_ZH = re.compile(r"(不|没有|无法|并非)[^。！？]*$")


def claims(text: str, forbidden: re.Pattern[str], denied: re.Pattern[str]) -> list[str]:
    return [hit.group() for hit in forbidden.finditer(text) if not denied.search(text[: hit.start()])]


@pytest.mark.parametrize("text", ["Your therapist", "A therapy that is not a toy", "It is clinically proven."])
def test_the_word_list_catches_claims(text):
    assert claims(text, FORBIDDEN_EN, DENIED_EN)


@pytest.mark.parametrize("text", ["你的治疗师", "为你诊断", "不用怕。我来治疗你"])
def test_the_chinese_word_list_catches_claims(text):
    assert claims(text, FORBIDDEN_ZH, DENIED_ZH)


def test_denials_are_allowed():
    assert claims("It is not a doctor and not a therapist.", FORBIDDEN_EN, DENIED_EN) == []
    assert claims("它不是医生，也不是治疗师。", FORBIDDEN_ZH, DENIED_ZH) == []


def test_nothing_claims_to_be_a_therapist():
    bad = {text[1]: hits for text in used() if (hits := claims(text[1], FORBIDDEN_EN, DENIED_EN))}
    bad |= {text: hits for text in chinese().values() if (hits := claims(text, FORBIDDEN_ZH, DENIED_ZH))}
    assert bad == {}


def test_plain_text_of_templates_claims_nothing_either():
    for template in (ROOT / "templates").rglob("*.html"):
        bare = re.sub(r"\{[%#{].*?[%#}]\}|<[^>]+>", " ", template.read_text(), flags=re.S)
        assert claims(bare, FORBIDDEN_EN, DENIED_EN) == [], template
        assert claims(bare, FORBIDDEN_ZH, DENIED_ZH) == [], template


def test_compiling_needs_no_gettext(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    source = tmp_path / "django.po"
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Back"\nmsgstr "返回"\n')
    assert compile_catalogue(source) is True
    assert "返回".encode() in source.with_suffix(".mo").read_bytes()
    assert compile_catalogue(source) is False
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_chinese_is_spoken(client, db):
    call_command("compile_translations", verbosity=0)
    translation.trans_real._translations.clear()
    html = client.get("/", headers={"accept-language": "zh-CN"}).content.decode()
    assert '<html lang="zh-hans">' in html
    assert "立即求助" in html
    assert "心语" in html
    assert "Get help now" not in html
