"""Runs of practices and of cognitive tests. What a person said of themselves and how they did is sealed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PracticeRun(models.Model):
    """One go at a practice: where it stands, and sealed what was said before and after. One is open per person."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("practice", "open")
        DONE = "done", _("done")
        LEFT = "left", _("left early")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="practice_runs")
    practice = models.CharField(max_length=60)
    library_version = models.CharField(max_length=40)
    minutes = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField(default=0)  # seconds into the practice
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    started_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # JSON of `body.RunBody`.
    body_sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="open"), name="one_open_practice_per_person"
            )
        ]
        indexes = [models.Index(fields=["person", "-started_at"])]

    def __str__(self) -> str:
        return f"practice run {self.pk} ({self.state})"


class TestRun(models.Model):
    """One finished cognitive test: its form (seed) in plain, trials and scores sealed."""

    __test__ = False  # not a test of ours, whatever pytest thinks of the name

    class Moment(models.TextChoices):
        ALONE = "alone", _("by itself")
        BEFORE = "before", _("before a practice")
        AFTER = "after", _("after a practice")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cognitive_tests")
    kind = models.CharField(max_length=30)
    form = models.PositiveIntegerField()
    moment = models.CharField(max_length=10, choices=Moment, default=Moment.ALONE)
    done_at = models.DateTimeField(auto_now_add=True)
    # JSON: trials as the browser sent them, scores as the server counted them.
    body_sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["person", "kind", "-done_at"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"
