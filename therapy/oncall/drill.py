"""The daily drill: a synthetic person says something of danger, and everything that must happen is looked for.

It goes the real way: screening, flag, alert, the outbox, the channels, an acknowledgement, the end. `begin` speaks;
`check` is called by the same loop that delivers, so a loop that does not run is noticed, too. What a drill has
written is removed when it ends; only its result stays.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from therapy.core.errors import ApplicationError
from therapy.core.health import redis_state
from therapy.oncall import targets
from therapy.oncall.channels import ways, webhook
from therapy.oncall.models import AlertStep, Chain, Drill
from therapy.oncall.selectors import DRILL_LONGEST
from therapy.safety import drills
from therapy.safety import services as safety
from therapy.safety.models import Alert, Level, RiskFlag

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=24)
# A message that has not left by then counts as not delivered: two retries have had their chance.
PATIENCE = timedelta(seconds=45)
# Receivers have that long to hear of the end.
ENDING = timedelta(seconds=20)
# Both as plain as can be, and of one level, so that one alert stands for them.
SAID = ("I am going to kill myself tonight, the pills are ready", "我今晚就要自杀，药已经准备好了")

Outcome = AlertStep.Outcome


class Speaker(Protocol):
    """What the chat offers: it stands above this room and registers itself."""

    def speak(self, person_id: UUID, texts: tuple[str, ...]) -> UUID:
        """Begin a conversation, say these sentences as the person, return the conversation's id."""

    def forget(self, person_id: UUID) -> None:
        """Remove every conversation of the person."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a drill: what was looked for, whether it worked, and what is known of a fault."""

    name: str
    is_ok: bool
    detail: str = ""


_speaker: Speaker | None = None


def use(speaker: Speaker) -> None:
    """Register the way to speak."""
    global _speaker
    _speaker = speaker


def _registered() -> Speaker:
    if _speaker is None:
        raise ImproperlyConfigured("the drill cannot speak: therapy.chat is missing from INSTALLED_APPS")
    return _speaker


def begin_if_due(now: datetime) -> Drill | None:
    """A new drill where the last one began a day ago or more."""
    if Drill.objects.filter(began_at__gt=now - EVERY).exists():
        return None
    return begin(now)


def begin(now: datetime) -> Drill:
    """Say the sentences and look whether they were found. One that did not end in time has failed.

    Raises:
        ApplicationError: drill_running, where one is still at it.
    """
    person = _person()
    drill = _row(person, now)
    session_id = _registered().speak(person.pk, SAID)
    levels = list(RiskFlag.objects.filter(session_id=session_id).values_list("level", flat=True))
    found = len([level for level in levels if level >= Level.HIGH])
    alert = Alert.objects.filter(session_id=session_id).order_by("-level").first()
    steps = [
        Step("detection", found == len(SAID), f"{found} of {len(SAID)} sentences"),
        Step("alert", alert is not None),
    ]
    drill.alert_id = alert.pk if alert else None
    drill.steps = [asdict(step) for step in steps]
    drill.save(update_fields=["alert_id", "steps"])
    if alert is None:
        _end(drill, steps, now)
    else:
        safety.enqueue_delivery([alert.pk])
    return drill


@transaction.atomic
def _row(person: User, now: datetime) -> Drill:
    """A row for one drill alone: whoever presses the button at the same moment waits here and is told so."""
    User.objects.select_for_update().get(pk=person.pk)
    running = Drill.objects.filter(state=Drill.State.RUNNING)
    if running.filter(began_at__gt=now - DRILL_LONGEST).exists():
        raise ApplicationError("drill_running", _("A drill is running already."))
    for left in running:
        _end(left, [*_steps(left), Step("end", False, "another drill began before this one ended")], now)
    _registered().forget(person.pk)
    return Drill.objects.create(began_at=now)


@transaction.atomic
def check(now: datetime) -> None:
    """Move the running drill on: wait for its messages, take its alert, close it, wait for the end to be told."""
    running = Drill.objects.select_for_update(skip_locked=True).filter(state=Drill.State.RUNNING)
    drill = running.order_by("-began_at").first()
    if drill is None or (drill.alert_id is None and now < drill.began_at + PATIENCE):
        # Nothing runs, or the sentences are being said just now, by another process.
        return
    alert = Alert.objects.filter(pk=drill.alert_id).first() if drill.alert_id else None
    if alert is None:
        _end(drill, [*_steps(drill), Step("alert", False, "its row is gone")], now)
    elif alert.resolved_at is None:
        _look_for_messages(drill, alert, now)
    else:
        _look_for_the_end(drill, alert, now)


def _look_for_messages(drill: Drill, alert: Alert, now: datetime) -> None:
    owed = list(alert.steps.filter(event="raised"))
    is_waiting = not owed or any(step.outcome == Outcome.PENDING for step in owed)
    if is_waiting and now < drill.began_at + PATIENCE:
        return
    steps = [*_steps(drill), *_deliveries(owed), *_settings(), _people(now), _redis(), _acknowledgement(alert, now)]
    drill.steps = [asdict(step) for step in steps]
    drill.save(update_fields=["steps"])
    safety.close_flags(flag_ids=list(RiskFlag.objects.filter(session_id=alert.session_id).values_list("pk", flat=True)))


def _look_for_the_end(drill: Drill, alert: Alert, now: datetime) -> None:
    told = alert.steps.filter(event="resolved")
    # Where a way out has failed already, its end will not be heard either, and need not be named twice.
    was_well = all(step.is_ok for step in _steps(drill))
    is_waiting = told.filter(outcome=Outcome.PENDING).exists()
    if is_waiting and was_well and now < drill.began_at + PATIENCE + ENDING:
        return
    unheard = list(told.exclude(outcome=Outcome.SENT)) if was_well else []
    ends = [Step(f"end, {step.channel} {step.address}", False, step.error) for step in unheard]
    if was_well and not ends:
        ends = [Step("end", True)]
    _end(drill, [*_steps(drill), *ends], now)


def _settings() -> list[Step]:
    return [Step("webhook", False, fault) for fault in webhook.faults()]


def _deliveries(owed: list[AlertStep]) -> list[Step]:
    """One step for each message; none at all means that there is nowhere to send to, or that nobody sends."""
    if not owed:
        is_open = any(ways.to_deployment(event="raised"))
        return [Step("delivery", False, "nothing was sent out" if is_open else "no mailbox and no webhook is set")]
    return [
        Step(f"{step.channel} {step.address}", step.outcome == Outcome.SENT, step.error or _unsent(step))
        for step in owed
        if step.channel != "screen"
    ]


def _unsent(step: AlertStep) -> str:
    return "" if step.outcome == Outcome.SENT else "not tried in time"


def _people(now: datetime) -> Step:
    """Whether the last step of a chain would reach anybody."""
    reached = [user for user in targets.everyone(now) if any(ways.to_person(user))]
    return Step("people", bool(reached), "" if reached else "nobody who may be on call has an address")


def _redis() -> Step:
    has_redis, _state = redis_state()
    return Step("queue", has_redis, "" if has_redis else "Redis does not answer")


def _acknowledgement(alert: Alert, now: datetime) -> Step:
    """Take the alert as a colleague would. The colleague exists within this transaction only."""
    actor = User.objects.create(
        username=f"attune-drill-{uuid4().hex[:12]}", role=Role.COUNSELLOR, is_staff=True, email=""
    )
    is_first = safety.acknowledge_alert(alert_id=alert.pk, user=actor, now=now)
    is_second = safety.acknowledge_alert(alert_id=alert.pk, user=actor, now=now)
    has_timer = Chain.objects.filter(alert=alert, next_at__gt=now).exists()
    actor.delete()
    return Step("acknowledgement", is_first and not is_second and has_timer)


def _end(drill: Drill, steps: list[Step], now: datetime) -> None:
    drill.steps = [asdict(step) for step in steps]
    drill.state = Drill.State.PASSED if all(step.is_ok for step in steps) else Drill.State.FAILED
    drill.ended_at = now
    drill.save(update_fields=["steps", "state", "ended_at"])
    _registered().forget(drills.PERSON_ID)
    if drill.state == Drill.State.FAILED:
        logger.error("drill failed: %s", "; ".join(step.name for step in steps if not step.is_ok))


def _steps(drill: Drill) -> list[Step]:
    return [Step(**step) for step in drill.steps]


def _person() -> User:
    """The account of the drill: no password, no address, cannot sign in."""
    person, is_new = User.objects.get_or_create(
        pk=drills.PERSON_ID, defaults={"username": drills.USERNAME, "role": Role.CLIENT}
    )
    if is_new:
        person.set_unusable_password()
        person.save(update_fields=["password"])
    return person
