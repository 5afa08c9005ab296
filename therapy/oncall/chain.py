"""The chain of an alert: which step is due, whom it reaches, and what happens when nobody answers.

Nothing is sent here. Steps become lines of the outbox in one transaction, under a lock on the alert, so that a step
happens once however many processes look, and a process that dies leaves either all of it or none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from therapy.core import live
from therapy.oncall import history, targets
from therapy.oncall.models import AlertStep, Chain, Target
from therapy.oncall.policy import Plan, plan_for
from therapy.safety import drills
from therapy.safety.models import Alert
from therapy.safety.services import DESK

What = AlertStep.What
# Where a chain waits for the next shift, how often the rota is looked at.
LOOK_AGAIN = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=24)
MOST_DOUBLINGS = 5


def due(now: datetime, limit: int) -> list[UUID]:
    """Alerts whose chain has to begin or to move on, the most severe and oldest first."""
    to_begin = Q(chain__isnull=True) | Q(status=Alert.Status.PENDING, attempts=0)
    waiting = Q(acknowledged_at__isnull=True, next_attempt_at__lte=now) & to_begin
    found = Alert.objects.filter(resolved_at__isnull=True).filter(waiting | Q(chain__next_at__lte=now))
    return list(found.order_by("-level", "created_at").values_list("pk", flat=True)[:limit])


@transaction.atomic
def move(alert_id: UUID, now: datetime) -> None:
    """Do everything that is due of one alert. Nothing where it is closed or somebody else holds it just now."""
    alert = (
        Alert.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("session")
        .filter(pk=alert_id, resolved_at__isnull=True)
        .first()
    )
    if alert is None:
        return
    plan = plan_for(alert.level)
    chain = Chain.objects.filter(alert=alert).first()
    if alert.acknowledged_at is not None:
        chain = _reopen(alert, chain, now) if chain and _is_due(chain, now) else None
    elif chain is None or (alert.status == Alert.Status.PENDING and alert.attempts == 0):
        chain = _raise(alert, chain, now)
    elif chain.position >= len(plan.steps) and _is_due(chain, now):
        chain = _repeat(alert, chain, now)
    if chain is None:
        return
    if alert.session.person_id == drills.PERSON_ID:
        _run_drill(alert, chain, plan, now)
    else:
        _run(alert, chain, plan, now)
    chain.save()


def _is_due(chain: Chain, now: datetime) -> bool:
    return chain.next_at is not None and chain.next_at <= now


def restart(alert: Alert, chain: Chain | None, what: str, now: datetime, *, user: User | None = None) -> Chain:
    """Begin the steps anew and say why."""
    chain = chain or Chain(alert=alert, raised_at=alert.created_at)
    chain.round, chain.position, chain.began_at, chain.next_at = chain.round + 1, 0, now, now
    chain.save()
    history.line(alert, what, now, round_=chain.round, user=user)
    return chain


def _raise(alert: Alert, chain: Chain | None, now: datetime) -> Chain:
    """The first round, or a new one because danger was said again."""
    Alert.objects.filter(pk=alert.pk).update(attempts=1)
    chain = restart(alert, chain, What.RAISED_AGAIN if chain else What.RAISED, now)
    chain.raised_at = now
    return chain


def _reopen(alert: Alert, chain: Chain, now: datetime) -> Chain:
    """Taken, but no decision in time: open to all again. Who had it hears of it, too."""
    owner = alert.acknowledged_by
    Alert.objects.filter(pk=alert.pk).update(acknowledged_at=None, acknowledged_by=None)
    chain = restart(alert, chain, What.REOPENED, now)
    if owner is not None:
        history.tell_person(alert, chain, owner, now)
    return chain


def _repeat(alert: Alert, chain: Chain, now: datetime) -> Chain | None:
    """Every step was taken and nobody came: again, after waits that double, for a day."""
    if now - chain.raised_at > GIVE_UP_AFTER:
        Chain.objects.filter(pk=chain.pk).update(next_at=None)
        return None
    return restart(alert, chain, What.REPEATED, now)


def _run(alert: Alert, chain: Chain, plan: Plan, now: datetime) -> None:
    """Every step that is due. A step that reaches nobody gives its time to the next one."""
    begins = chain.position == 0
    fired: set[str] = set()
    reached: set[UUID] = set()
    while chain.position < len(plan.steps) and chain.began_at + plan.steps[chain.position].delay <= now:
        target = plan.steps[chain.position].target
        is_reached = _reach(alert, chain, target, reached, now, may_wake=not plan.waits_for_duty)
        if not is_reached:
            is_new = history.line_once(alert, What.NOBODY, now, round_=chain.round, target=target)
            if plan.waits_for_duty:
                if is_new:
                    _tell_house(alert, chain, now)
                chain.next_at, chain.began_at = now + LOOK_AGAIN, now - plan.steps[chain.position].delay
                return
        fired.add(target)
        chain.position += 1
        if not is_reached and chain.position < len(plan.steps):
            chain.began_at = now - plan.steps[chain.position].delay
    if fired and (begins or Target.EVERYONE in fired):
        told = _tell_house(alert, chain, now)
        if not told and not reached:
            Alert.objects.filter(pk=alert.pk).update(last_error="no_recipients")
    chain.next_at = _next(chain, plan, now)


def _reach(alert: Alert, chain: Chain, target: str, reached: set[UUID], now: datetime, *, may_wake: bool) -> bool:
    """Tell the people of a target, nobody twice at the same moment; true where a way led to at least one."""
    found = False
    for user in targets.people(target, language=alert.session.language, now=now, may_wake=may_wake):
        if user.pk in reached:
            found = True
        elif history.tell_person(alert, chain, user, now, target):
            reached.add(user.pk)
            found = True
    return found


def _tell_house(alert: Alert, chain: Chain, now: datetime) -> bool:
    """Mailboxes and receivers of the deployment, and the screens of the desk."""
    history.show_on_screens(alert, chain, now)
    live.publish_on_commit(DESK, "alert", alert=str(alert.pk), level=int(alert.level))
    return history.tell_deployment(alert, chain, now)


def _next(chain: Chain, plan: Plan, now: datetime) -> datetime | None:
    if chain.position < len(plan.steps):
        return chain.began_at + plan.steps[chain.position].delay
    if plan.reescalate_after is None:
        return None
    return now + plan.reescalate_after * (1 << min(chain.round - 1, MOST_DOUBLINGS))


def _run_drill(alert: Alert, chain: Chain, plan: Plan, now: datetime) -> None:
    """A drill goes to mailboxes and receivers, marked as one; it wakes nobody and has no second step."""
    if chain.position == 0:
        history.tell_deployment(alert, chain, now)
    chain.position, chain.next_at = len(plan.steps), None


def note(alert_id: UUID, what: str, user: User | None, now: datetime) -> None:
    """What somebody did: written down; messages nobody needs are dropped, receivers hear of it, timers are set."""
    alert = Alert.objects.select_related("session").get(pk=alert_id)
    chain, _ = Chain.objects.get_or_create(
        alert=alert, defaults={"began_at": now, "raised_at": alert.created_at, "next_at": None}
    )
    history.line(alert, what, now, round_=chain.round, user=user)
    history.drop_pending(alert_id)
    if what in (What.ACKNOWLEDGED, What.RESOLVED):
        webhooks = AlertStep.objects.filter(alert=alert, channel="webhook", event="raised", attempts__gt=0)
        if webhooks.exists():
            history.tell_deployment(alert, chain, now, event=what)
    patience = plan_for(alert.level).reescalate_after
    chain.next_at = now + patience if what == What.ACKNOWLEDGED and patience else None
    chain.save(update_fields=["next_at"])


def offer(alert: Alert, to: User, now: datetime) -> None:
    """Given on to a colleague: they hear first; if they do not take it, the second step follows.

    Call with the alert locked and no longer taken.
    """
    plan = plan_for(alert.level)
    chain = restart(alert, Chain.objects.filter(alert=alert).first(), What.OFFERED, now, user=to)
    if history.tell_person(alert, chain, to, now) and len(plan.steps) > 1:
        chain.position, chain.next_at = 1, now + plan.steps[1].delay
    chain.save()


def extend(alert: Alert, user: User, now: datetime) -> None:
    """More time for the one who has it, because they are at work on it; one line of history a minute at most."""
    patience = plan_for(alert.level).reescalate_after
    chain = Chain.objects.filter(alert=alert).first()
    if chain is None or patience is None or (chain.next_at and chain.next_at > now + patience - LOOK_AGAIN):
        return
    chain.next_at = now + patience
    chain.save(update_fields=["next_at"])
    history.line(alert, What.EXTENDED, now, round_=chain.round, user=user)


def round_of(alert: Alert) -> int:
    """The round an alert is in; zero before the first."""
    return Chain.objects.filter(alert=alert).values_list("round", flat=True).first() or 0


def call_everyone(alert: Alert, now: datetime, *, without: User) -> None:
    """Tell everyone at once, whoever has the alert and whatever step it is at. Call with the alert locked."""
    chain, _ = Chain.objects.get_or_create(
        alert=alert, defaults={"began_at": now, "raised_at": alert.created_at, "next_at": now}
    )
    for user in targets.everyone(now):
        if user != without:
            history.tell_person(alert, chain, user, now, Target.EVERYONE)
    _tell_house(alert, chain, now)
