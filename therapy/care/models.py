"""Safety plans, requests to be called, check-ins. Words stand only in `*_sealed` columns."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SafetyPlan(models.Model):
    """A person's own safety plan after Stanley and Brown, with somebody they trust: one per person, sealed whole."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="safety_plan")
    # JSON of `plan.PlanWords`.
    body_sealed = models.BinaryField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"safety plan of {self.person_id}"


class Callback(models.Model):
    """A person asks our own counsellors to call. The alert of kind `callback` brings it to the desk."""

    class When(models.TextChoices):
        SOON = "soon", _("as soon as somebody can")
        MORNING = "morning", _("in the morning")
        AFTERNOON = "afternoon", _("in the afternoon")
        EVENING = "evening", _("in the evening")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="callbacks")
    alert = models.ForeignKey("safety.Alert", on_delete=models.SET_NULL, null=True, related_name="+")
    number_sealed = models.BinaryField()
    when = models.CharField(max_length=10, choices=When, default=When.SOON)
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-created_at"])]

    def __str__(self) -> str:
        return f"callback {self.pk}"


class CheckInWish(models.Model):
    """What a person said about being asked the next day: whether at all, and whether a mail may say so."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    is_wanted = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=False)
    decided_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"check-in wish of {self.person_id}"


class CheckIn(models.Model):
    """One question the day after danger was high: "how are you now?". One is waiting per person at most."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DECLINED = "declined", _("not wanted")
        ASKED = "asked", _("asked")
        ANSWERED = "answered", _("answered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="check_ins")
    session = models.ForeignKey("chat.ChatSession", on_delete=models.CASCADE, related_name="check_ins")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="waiting"), name="one_waiting_check_in_per_person"
            )
        ]
        indexes = [models.Index(fields=["state", "due_at"])]

    def __str__(self) -> str:
        return f"check-in {self.pk} ({self.state})"
