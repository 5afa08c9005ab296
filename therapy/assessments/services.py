"""Writes of questionnaires: begin, answer, send, follow up, take away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.selectors import open_profile
from ml.types import RiskLevel
from therapy.assessments import instruments, reminders, rules, scoring, selectors
from therapy.assessments.instruments import Instrument
from therapy.assessments.models import Assessment
from therapy.care import answers as care_answers
from therapy.care import speaking
from therapy.chat import services as chat
from therapy.core.errors import ApplicationError
from therapy.observations import services as observations
from therapy.observations.models import Observation
from therapy.safety import services as safety


@transaction.atomic
def begin(*, person_id: UUID, instrument: str, language: str) -> Assessment:
    """Go on with what lies open, else begin anew. Twice at once ends in the same one.

    Raises:
        ApplicationError: not_found, or not_allowed without the consent about health data.
    """
    found = instruments.find(instrument)
    if found is None:
        raise ApplicationError("not_found", _("This questionnaire is not offered here."))
    if not selectors.may_fill_in(person_id):
        raise ApplicationError("not_allowed", _("This needs your yes to using what you say about your health."))
    now = timezone.now()
    for row in Assessment.objects.filter(person_id=person_id, instrument=instrument, state=Assessment.State.OPEN):
        if selectors.is_stale(row):
            row.delete()
    row, _is_new = Assessment.objects.get_or_create(
        person_id=person_id,
        instrument=instrument,
        state=Assessment.State.OPEN,
        defaults={
            "id": uuid4(),
            "version": found.version,
            "language": "zh" if language.startswith("zh") else "en",
            "begun_at": now,
            "touched_at": now,
        },
    )
    return row


def _locked(person_id: UUID, assessment_id: UUID) -> tuple[Assessment, Instrument]:
    """The row, held until the end of the transaction.

    Raises:
        ApplicationError: it is gone, or never was the person's.
    """
    row = Assessment.objects.select_for_update().filter(pk=assessment_id, person_id=person_id).first()
    found = instruments.known(row.instrument) if row else None
    if row is None or found is None:
        raise ApplicationError("not_found", _("This questionnaire is no longer here."))
    return row, found


@transaction.atomic
def answer(*, person_id: UUID, assessment_id: UUID, values: Mapping[int, int]) -> Assessment:
    """Keep answers of an open one; each item by itself, the last word counts. After sending nothing changes any more.

    What an answer asks for is done at once: nobody may be left alone with it because they stopped before the end.

    Raises:
        ApplicationError: not_found, sent, or bad_answer.
    """
    row, found = _locked(person_id, assessment_id)
    if row.state == Assessment.State.DONE:
        raise ApplicationError("sent", _("These answers were sent already and stay as they are."))
    if not all(scoring.is_answer(found, item, value) for item, value in values.items()):
        raise ApplicationError("bad_answer", _("Please choose one of the answers."))
    kept = selectors.open_answers(row) | dict(values)
    row.answers_sealed = _sealed(row, "answers_sealed", kept)
    row.touched_at = timezone.now()
    _act(row, kept)
    row.save(update_fields=["answers_sealed", "touched_at", "flag", "follow_up"])
    return row


@transaction.atomic
def submit(*, person_id: UUID, assessment_id: UUID) -> Assessment:
    """Send a complete one: add up, store the total where planner and desk read it, act on what nobody acted on yet.

    All in one transaction: no total without its follow-up. Sent twice is sent once.

    Raises:
        ApplicationError: not_found, or incomplete.
    """
    row, found = _locked(person_id, assessment_id)
    if row.state == Assessment.State.DONE:
        return row
    given = selectors.open_answers(row)
    if scoring.missing(found, given):
        raise ApplicationError("incomplete", _("Some questions have no answer yet."))
    row.state, row.done_at = Assessment.State.DONE, timezone.now()
    row.touched_at = row.done_at
    row.observation = _record(row, scoring.score(found, given))
    _act(row, given)
    row.save()
    reminders.move_on(person_id=person_id, instrument=row.instrument, done_at=row.done_at)
    return row


def _record(row: Assessment, score: scoring.Score) -> Observation | None:
    """The total as an observation: never the answers."""
    payload = {"total": score.total, "band": score.band, "version": row.version}
    return observations.record(
        person_id=row.person_id, kind=f"score.{row.instrument}", payload=payload, source="assessments", at=row.done_at
    )


def _act(row: Assessment, given: Mapping[int, int]) -> None:
    """Follow up what single answers ask for, whatever the total says (CR-14): once for each questionnaire."""
    rule = rules.met(row.instrument, given)
    if rule is None or row.flag_id or row.follow_up != Assessment.FollowUp.NONE:
        return
    screened = care_answers.note_answer(
        person_id=row.person_id,
        instrument=row.instrument,
        item=rule.item,
        value=given[rule.item],
        rule=care_answers.AnswerRule(rule.instrument, rule.item, rule.value, rule.level, rule.kind),
    )
    row.flag_id = screened.flag_id if screened else None
    if rule.action == "ask":
        row.follow_up = Assessment.FollowUp.ASKED


def answer_follow_up(*, person_id: UUID, assessment_id: UUID, values: Mapping[int, int]) -> UUID | None:
    """Take the answers to the direct questions: as the person's message, screened like any other, and by the rules.

    Nothing chosen counts as "not now". Returns the conversation; None where nothing was said or all was said before.

    Raises:
        ApplicationError: not_found, bad_answer, and what `chat.services.post_message` raises.
    """
    asked = rules.questions()
    for number, value in values.items():
        if not (1 <= number <= len(asked) and 0 <= value < len(asked[number - 1].options["en"])):
            raise ApplicationError("bad_answer", _("Please choose one of the answers."))
    with transaction.atomic():
        row, _found = _locked(person_id, assessment_id)
        if row.follow_up != Assessment.FollowUp.ASKED:
            return None
        row.follow_up = Assessment.FollowUp.ANSWERED if values else Assessment.FollowUp.LEFT
        row.follow_up_sealed = _sealed(row, "follow_up_sealed", values) if values else None
        row.save(update_fields=["follow_up", "follow_up_sealed"])
        if not values:
            return None
        language = "zh" if open_profile(person_id).language.startswith("zh") else "en"
        session = row.flag.session if row.flag and not row.flag.session.ended_at else speaking.session_for(person_id)
        text = "\n".join(asked[number - 1].says[language][value] for number, value in sorted(values.items()))
        posted = chat.post_message(person_id=person_id, session_id=session.pk, client_id=uuid4(), text=text)
        _raise(person_id, session.pk, posted.message.id, values)
    if posted.turn_id:
        chat.dispatch_turn(turn_id=posted.turn_id)
    return session.pk


def _raise(person_id: UUID, session_id: UUID, message_id: UUID, values: Mapping[int, int]) -> RiskLevel | None:
    """Raise what the direct answers ask for, on the message that says them."""
    rule = rules.met(rules.FOLLOW_UP, values)
    if rule is None:
        return None
    safety.raise_from_answers(
        person_id=person_id,
        session_id=session_id,
        message_id=message_id,
        source=f"{rule.instrument}.{rule.item}",
        level=rule.level,
        kind=rule.kind,
    )
    return rule.level


@transaction.atomic
def remove(*, person_id: UUID, assessment_id: UUID) -> None:
    """Take one away, begun or sent, with its total. What it raised stays: somebody may be looking at it.

    Raises:
        ApplicationError: not_found.
    """
    row, _found = _locked(person_id, assessment_id)
    if row.observation_id:
        Observation.objects.filter(pk=row.observation_id).delete()
    row.delete()


def _sealed(row: Assessment, column: str, values: Mapping[int, int]) -> bytes:
    text = json.dumps({str(item): value for item, value in sorted(values.items())})
    return keys.seal_text(text, selectors.binding(row, column), row.person_id)
