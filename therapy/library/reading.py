"""Articles as people read them: in their language, with local numbers, with their source and honest review state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ml.planning.records import Article
from ml.types import Language
from therapy.library.selectors import is_usable, library
from therapy.safety import hotlines

FEW = 2


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article in one language. `review` says in plain words who has read it."""

    id: str
    title: str
    question: str
    paragraphs: tuple[str, ...]
    key_points: tuple[str, ...]
    see_help_if: str
    source: str
    review: str
    is_reviewed: bool
    techniques: tuple[str, ...]


def page_language() -> Language:
    """Model language of the active page language."""
    return "zh" if (get_language() or "en").startswith("zh") else "en"


def articles() -> list[ArticleView]:
    """All articles that may be shown, by title."""
    language = page_language()
    shown = (one for one in library().articles.values() if is_usable(one.review))
    return sorted((_view(one, language, "") for one in shown), key=lambda view: view.title)


def article(key: str, *, country: str = "") -> ArticleView | None:
    """One article; None where it is not known or may not be shown."""
    one = library().articles.get(key)
    return _view(one, page_language(), country) if one and is_usable(one.review) else None


def articles_for(techniques: Sequence[str]) -> list[ArticleView]:
    """A few articles that go with techniques; a few general ones where nothing fits."""
    known = library()
    problems = {name for key in techniques if key in known.techniques for name in known.techniques[key].problems}
    shown = [one for one in known.articles.values() if is_usable(one.review)]
    ranked = sorted(shown, key=lambda one: (-_nearness(one, techniques, problems), one.id))
    language = page_language()
    return [_view(one, language, "") for one in ranked[:FEW]]


def _nearness(one: Article, techniques: Sequence[str], problems: set[str]) -> float:
    named = len(set(techniques) & set(one.techniques))
    return 2 * named + len(problems & set(one.problems)) / (1 + len(one.problems))


def _view(one: Article, language: Language, country: str) -> ArticleView:
    def local(text: str) -> str:
        numbers = {
            "{emergency_number}": hotlines.emergency_number(country, language),
            "{crisis_line}": hotlines.crisis_line_text(country, language),
        }
        for slot, number in numbers.items():
            text = text.replace(slot, number) if slot in text else text
        return text

    is_reviewed = one.review.state == "approved"
    names = library().techniques
    return ArticleView(
        id=one.id,
        title=one.title.of(language),
        question=one.question.of(language),
        paragraphs=tuple(local(part) for part in one.answer.of(language).split("\n\n") if part.strip()),
        key_points=one.key_points.of(language),
        see_help_if=local(one.see_help_if.of(language)),
        source=one.evidence,
        review=_("Read by a clinician") if is_reviewed else _("Not yet read by a clinician"),
        is_reviewed=is_reviewed,
        techniques=tuple(names[key].title.of(language) for key in one.techniques if key in names),
    )
