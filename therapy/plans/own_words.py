"""What a person types into their plan: kept, and read for danger like a message (CR-01). Counsellors' words are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.selectors import profile_of
from ml.types import Language, RiskAssessment
from therapy.core.errors import ApplicationError
from therapy.plans import following, services
from therapy.plans.models import Plan, PlanItem
from therapy.plans.wording import StepWords, line_of, words_of
from therapy.safety import elsewhere
from therapy.safety.elsewhere import Brought


@dataclass(frozen=True, slots=True)
class Heard:
    """Words that speak of danger: show help at once. `refused`: why the change that came with them was not made."""

    assessment: RiskAssessment
    brought: Brought | None = None
    refused: ApplicationError | None = None


# Makes a change, knowing whether its words speak of danger; false where the same was sent and made before.
Change = Callable[[bool], bool]


def add_item(*, person_id: UUID, item_id: UUID, words: StepWords) -> Heard | None:
    """As `services.add_item`. A step that speaks of danger is kept outside the plan; the person can put it back.

    Raises:
        ApplicationError: what `services.add_item` raises.
    """
    checked = words.checked()

    def change(is_danger: bool) -> bool:
        is_new = not PlanItem.objects.filter(pk=item_id).exists()
        services.add_item(person_id=person_id, item_id=item_id, words=checked)
        if is_danger and is_new:
            services.remove_item(person_id=person_id, item_id=item_id)
        return is_new

    return _make(person_id, f"{checked.title}\n{checked.details}", change)


def edit_item(*, person_id: UUID, item_id: UUID, words: StepWords) -> Heard | None:
    """As `services.edit_item`. Read are the lines that were not there: the others are ours, or were read before.

    Raises:
        ApplicationError: what `services.edit_item` raises.
    """
    checked = words.checked()
    item = PlanItem.objects.select_related("plan").filter(pk=item_id, plan__person_id=person_id).first()
    typed = _new_lines(item, checked)
    if item is not None and item.removed_at and not typed:
        # The same form again, after its step was taken aside: help is shown again.
        typed = f"{checked.title}\n{checked.details}"

    def change(is_danger: bool) -> bool:
        if not is_danger:
            services.edit_item(person_id=person_id, item_id=item_id, words=checked)
            return True
        is_new = bool(_new_lines(services.step_of(person_id, item_id, may_be_removed=True), checked))
        if is_new:
            services.edit_item(person_id=person_id, item_id=item_id, words=checked)
            services.remove_item(person_id=person_id, item_id=item_id)
        return is_new

    return _make(person_id, typed, change)


def decline_item(*, person_id: UUID, item_id: UUID, reason: str, words: str) -> Heard | None:
    """As `following.decline_item`.

    Raises:
        ApplicationError: what `following.decline_item` raises.
    """

    def change(is_danger: bool) -> bool:
        is_new = PlanItem.objects.filter(pk=item_id, plan__person_id=person_id, removed_at=None).exists()
        following.decline_item(person_id=person_id, item_id=item_id, reason=reason, words=words)
        return is_new

    return _make(person_id, line_of(words, services.REASON_CHARACTERS), change)


def decline(*, person_id: UUID, version: int, words: str) -> Heard | None:
    """As `services.decline`.

    Raises:
        ApplicationError: what `services.decline` raises.
    """

    def change(is_danger: bool) -> bool:
        is_new = not Plan.objects.filter(person_id=person_id, version=version, state=Plan.State.DECLINED).exists()
        services.decline(person_id=person_id, version=version, words=words)
        return is_new

    return _make(person_id, line_of(words, services.REASON_CHARACTERS), change)


def _make(person_id: UUID, text: str, change: Change) -> Heard | None:
    """Make a change; words of danger are brought into the conversation with it, and even where it is refused."""
    language: Language = "zh" if profile_of(person_id).language.startswith("zh") else "en"
    assessment = elsewhere.look_at(text, fallback=language)
    if assessment is None:
        change(False)
        return None
    with transaction.atomic():
        # One at a time, so that what is sent twice is brought once.
        User.objects.select_for_update(no_key=True).get(pk=person_id)
        is_new, refused = True, None
        try:
            with transaction.atomic():
                is_new = change(True)
        except ApplicationError as error:
            refused = error
        if not is_new:
            return Heard(assessment)
        brought = elsewhere.bring(person_id=person_id, source="plans", text=text, assessment=assessment)
    return Heard(assessment, brought, refused)


def _new_lines(item: PlanItem | None, words: StepWords) -> str:
    """The lines of new words that a step does not have yet."""
    before = words_of(item) if item else StepWords("")
    known = {before.title, *before.details.splitlines()}
    return "\n".join(line for line in (words.title, *words.details.splitlines()) if line not in known)
