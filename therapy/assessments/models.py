"""Filled-in questionnaires, when to be asked again, and browsers that may be woken for it. Answers are sealed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Assessment(models.Model):
    """One questionnaire of one person: open while filled in, then done for good. One open of each kind at most."""

    class State(models.TextChoices):
        OPEN = "open", _("begun")
        DONE = "done", _("sent")

    class FollowUp(models.TextChoices):
        NONE = "none", _("not needed")
        ASKED = "asked", pgettext_lazy("question", "asked")
        ANSWERED = "answered", _("answered")
        LEFT = "left", _("not answered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assessments")
    instrument = models.CharField(max_length=20)
    version = models.CharField(max_length=40)
    language = models.CharField(max_length=2, default="en")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    # JSON of item number to answer, every item by itself.
    answers_sealed = models.BinaryField(null=True)
    follow_up = models.CharField(max_length=8, choices=FollowUp, default=FollowUp.NONE)
    follow_up_sealed = models.BinaryField(null=True)
    flag = models.ForeignKey("safety.RiskFlag", on_delete=models.SET_NULL, null=True, related_name="+")
    # Where the total lives: the common store that the planner and the desk read.
    observation = models.ForeignKey("observations.Observation", on_delete=models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "instrument"], condition=models.Q(state="open"), name="one_open_assessment_of_a_kind"
            )
        ]
        indexes = [models.Index(fields=["person", "instrument", "-done_at"])]

    def __str__(self) -> str:
        return f"{self.instrument} of {self.person_id} ({self.state})"


class Reminder(models.Model):
    """When a person is asked again, and how. Only on the page "Today" unless they wish for more."""

    # A fortnight at least: the questions are about two weeks, and asking more often says nothing new.
    LEAST_DAYS = 14

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    instrument = models.CharField(max_length=20)
    is_on = models.BooleanField(default=True)
    every_days = models.PositiveSmallIntegerField(default=LEAST_DAYS)
    due_on = models.DateField()
    by_mail = models.BooleanField(default=False)
    by_push = models.BooleanField(default=False)
    # The due day that a mail or push was sent for: never two for the same one.
    told_for = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "instrument"], name="one_reminder_of_a_kind"),
            models.CheckConstraint(condition=models.Q(every_days__gte=14), name="reminder_a_fortnight_at_least"),
        ]
        indexes = [models.Index(fields=["is_on", "due_on"])]

    def __str__(self) -> str:
        return f"reminder of {self.instrument} for {self.person_id}"


class ReminderBrowser(models.Model):
    """A browser of a person that may be woken for reminders."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    endpoint = models.URLField(max_length=600, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"browser {self.pk} of {self.person_id}"
