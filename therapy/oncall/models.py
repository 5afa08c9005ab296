"""Rows of the on-call room: who answers when, what an alert went through, how drills went. No words of people."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from therapy.safety.models import Alert, Level


class Weekday(models.IntegerChoices):
    """Numbered as Python numbers them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


def both_languages() -> list[str]:
    """What a new responder speaks until somebody says otherwise."""
    return ["en", "zh"]


class Responder(models.Model):
    """A staff member who takes alerts: where they live in time, what they speak, whether they are away just now."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="responder",
        verbose_name=_("staff member"),
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # Codes of two letters, as conversations carry them.
    languages = models.JSONField(_("languages"), default=both_languages)
    # Off the rota until then, by their own hand; the next shift after it finds them on call again.
    away_until = models.DateTimeField(_("away until"), null=True, blank=True)

    class Meta:
        verbose_name = _("responder")
        verbose_name_plural = _("responders")

    def __str__(self) -> str:
        return f"responder {self.user_id}"


class Shift(models.Model):
    """A stretch of every week, in the responder's own time. One that ends at or before its start ends the next day."""

    class Line(models.TextChoices):
        FIRST = "first", _("first on call")
        SECOND = "second", _("second on call")
        SUPERVISOR = "supervisor", _("supervisor on call")

    responder = models.ForeignKey(Responder, on_delete=models.CASCADE, related_name="shifts")
    line = models.CharField(_("line"), max_length=12, choices=Line, default=Line.FIRST)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ("weekday", "starts")

    def __str__(self) -> str:
        hours = _("all day") if self.starts == self.ends else f"{self.starts:%H:%M}–{self.ends:%H:%M}"
        return f"{self.get_weekday_display()} {hours}"


class OpeningHours(models.Model):
    """When the service offers people to talk with. Without any row: whenever somebody is on call. Alerts go always."""

    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ("weekday", "opens")

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Target(models.TextChoices):
    """Whom a step of the chain reaches."""

    FIRST = "first", _("first on call")
    SECOND = "second", _("second on call")
    SUPERVISOR = "supervisor", _("supervisors")
    EVERYONE = "everyone", _("everyone")


class Policy(models.Model):
    """The deployer's chain for one level; without a row the defaults of `policy.py` hold."""

    level = models.PositiveSmallIntegerField(_("level"), choices=Level, unique=True)
    # Seconds after which an alert that was taken, and has no decision, is open to all again. Zero: never.
    reescalate_after = models.PositiveIntegerField(_("open again after (seconds)"), default=900)
    waits_for_duty = models.BooleanField(_("waits until somebody is on call"), default=False)

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalation")
        ordering = ("-level",)

    def __str__(self) -> str:
        return str(Level(self.level).label)


class PolicyStep(models.Model):
    """One step of a chain: whom to reach, so many seconds after the chain began."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="steps")
    delay = models.PositiveIntegerField(_("seconds after the alert"))
    target = models.CharField(_("whom"), max_length=12, choices=Target)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("delay", "pk")
        constraints = [models.UniqueConstraint(fields=["policy", "delay"], name="one_step_at_a_time")]

    def __str__(self) -> str:
        return f"{self.delay} s: {self.target}"


class Chain(models.Model):
    """Where an alert stands on its way through the steps. Locked, after its alert, by whoever moves it on."""

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, primary_key=True, related_name="chain")
    # Grows each time the steps begin anew: raised again, handed over, taken without a decision, never taken.
    round = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField()
    # When danger was last said: attempts and repeats end a day after it.
    raised_at = models.DateTimeField()
    # When a step, a reminder or the end of patience is due; null where nothing more is.
    next_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"])]

    def __str__(self) -> str:
        return f"round {self.round}, step {self.position} of alert {self.alert_id}"


class AlertStep(models.Model):
    """One line of an alert's history. A line about a channel is also the outbox of that channel, claimed by UPDATE.

    Its key is the idempotency key that receivers get.
    """

    class What(models.TextChoices):
        RAISED = "raised", _("raised")
        NOTIFY = "notify", _("message sent out")
        NOBODY = "nobody", _("nobody to reach")
        ACKNOWLEDGED = "acknowledged", _("taken")
        HANDED_OVER = "handed_over", _("given out of hand")
        OFFERED = "offered", _("offered to a colleague")
        REOPENED = "reopened", _("open again: taken, but no decision in time")
        REPEATED = "repeated", _("begun again: nobody took it")
        RAISED_AGAIN = "raised_again", _("raised again")
        ESCALATED = "escalated", _("everyone called")
        EXTENDED = "extended", _("more time: somebody is writing")
        RESOLVED = "resolved", _("closed")

    class Outcome(models.TextChoices):
        NONE = "", "–"
        PENDING = "pending", _("waiting to be sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be sent")
        DROPPED = "dropped", _("not needed any more")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=0)
    what = models.CharField(max_length=12, choices=What)
    # What a message tells: raised (or reopened), acknowledged, resolved.
    event = models.CharField(max_length=12, blank=True)
    target = models.CharField(max_length=12, blank=True, choices=Target)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(max_length=12, blank=True)
    # A mailbox of the deployment or the name of an endpoint; empty where the user says it.
    address = models.CharField(max_length=254, blank=True)
    outcome = models.CharField(max_length=8, blank=True, choices=Outcome, default=Outcome.NONE)
    attempts = models.PositiveSmallIntegerField(default=0)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("at", "pk")
        indexes = [
            models.Index(fields=["alert", "at"]),
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(outcome="pending"), name="oncall_steps_to_send"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.channel} of alert {self.alert_id}"


class PushSubscription(models.Model):
    """A browser of a staff member that wants to be woken."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=600, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"browser {self.pk} of {self.user_id}"


class Drill(models.Model):
    """One run of the daily drill. `steps` says of each part whether and when it worked; no words, no people."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PASSED = "passed", _("passed")
        FAILED = "failed", _("failed")

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    # Of the synthetic conversation, while it exists.
    alert_id = models.UUIDField(null=True, blank=True)
    steps = models.JSONField(default=list)

    class Meta:
        ordering = ("-began_at",)
        get_latest_by = "began_at"

    def __str__(self) -> str:
        return f"drill of {self.began_at:%Y-%m-%d %H:%M}: {self.state}"
