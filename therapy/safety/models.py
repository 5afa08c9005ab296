"""Risk of a person, flags that a counsellor must look at, and alerts that must reach someone."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# What a person asked for, in the form of a flag and an alert so that it takes the same way to staff: no sign of danger.
REQUEST_KINDS = ("request_human", "callback")


class Level(models.IntegerChoices):
    """The response level the product owes; the same numbers as `ml.types.RiskLevel`."""

    NONE = 0, _("none")
    LOW = 1, _("low")
    MODERATE = 2, _("moderate")
    HIGH = 3, _("high")
    IMMINENT = 4, _("imminent")


class PersonRisk(models.Model):
    """The risk state of a person across sessions: rises at once, decays slowly (see `ml/risk/state.py`)."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    level = models.PositiveSmallIntegerField(choices=Level, default=Level.NONE)
    raised_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    # The last time the level was high or more, until a counsellor lets it go.
    high_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"risk {self.level} of {self.person_id}"


class RiskLowered(models.Model):
    """A person of the staff lowered somebody's level, and why. Never changed, only added to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="risk_lowered")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    from_level = models.PositiveSmallIntegerField(choices=Level)
    to_level = models.PositiveSmallIntegerField(choices=Level)
    reason_sealed = models.BinaryField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-at"])]

    def __str__(self) -> str:
        return f"risk of {self.person_id} lowered from {self.from_level} to {self.to_level}"


class RiskFlag(models.Model):
    """A message that a counsellor must look at. Evidence holds rule ids and offsets, never words."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        REVIEWED = "reviewed", _("reviewed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="risk_flags")
    session = models.ForeignKey("chat.ChatSession", on_delete=models.CASCADE, related_name="risk_flags")
    message = models.OneToOneField("chat.Message", on_delete=models.CASCADE, related_name="risk_flag")
    level = models.PositiveSmallIntegerField(choices=Level)
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    evidence = models.JSONField(default=list)
    scores = models.JSONField(default=dict)
    detector = models.CharField(max_length=60)
    # The person said "that's not what I meant"; kept for review, never an answer by itself (CR-16).
    disputed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("flagged message")
        verbose_name_plural = _("flagged messages")
        indexes = [models.Index(fields=["state", "-level", "created_at"]), models.Index(fields=["session", "-level"])]

    def __str__(self) -> str:
        return f"{Level(self.level).label} flag of session {self.session_id}"


class Alert(models.Model):
    """One delivery owed to on-duty staff: written with the flag, sent by a queue or by a sweep that needs none."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting to be sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be sent")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flag = models.ForeignKey(RiskFlag, on_delete=models.CASCADE, related_name="alerts")
    session = models.ForeignKey("chat.ChatSession", on_delete=models.CASCADE, related_name="alerts")
    level = models.PositiveSmallIntegerField(choices=Level)
    kind = models.CharField(max_length=30)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=60, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # Idempotent per session and level; a higher level breaks through, a closed one may come again.
            models.UniqueConstraint(
                fields=["session", "level"],
                condition=models.Q(resolved_at__isnull=True) & ~models.Q(kind__in=REQUEST_KINDS),
                name="one_open_alert_per_level",
            ),
            models.UniqueConstraint(
                fields=["session", "kind"],
                condition=models.Q(resolved_at__isnull=True, kind__in=REQUEST_KINDS),
                name="one_open_request_per_kind",
            ),
        ]
        indexes = [models.Index(fields=["status", "next_attempt_at"])]

    def __str__(self) -> str:
        return f"{Level(self.level).label} alert of session {self.session_id}"
