"""A personal plan in versions, and its steps. Words are sealed; a draft is shown as one until a counsellor approves.

What was before a change is kept: versions of a plan, and the earlier words of a step.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Plan(models.Model):
    """One version of a person's plan."""

    class State(models.TextChoices):
        DRAFTING = "drafting", _("being written")
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("approved")
        REPLACED = "replaced", _("replaced")
        DECLINED = "declined", _("not wanted")

    class Origin(models.TextChoices):
        ASKED = "asked", _("asked for")
        WEEKLY = "weekly", _("after a week")
        SCORES = "scores", _("after new scores")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="plans")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFTING)
    language = models.CharField(max_length=2, default="en")
    goals_sealed = models.BinaryField(null=True)
    library_version = models.CharField(max_length=40, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.ASKED)
    # Grows with every change of a step: who approves names the one they read.
    revision = models.PositiveIntegerField(default=0)
    # What is different from the version before, and why: JSON of `comparing.Comparison`.
    changes_sealed = models.BinaryField(null=True)
    # The last weekly look that found nothing to change.
    looked_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    decline_reason_sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    drafted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "version"], name="plan_version_once")]

    def __str__(self) -> str:
        return f"plan {self.version} of {self.person_id}"


class PlanItem(models.Model):
    """One small step, with the reason it was chosen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    technique = models.CharField(max_length=60, blank=True)
    title_sealed = models.BinaryField()
    details_sealed = models.BinaryField()
    because_sealed = models.BinaryField()
    minutes = models.PositiveSmallIntegerField(default=10)
    edited_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    # Why the person took it out, where they said so.
    removal_reason_sealed = models.BinaryField(null=True)
    # The rhythm the planner suggests: from which week of this version, how often a week, on which days from its first.
    from_week = models.PositiveSmallIntegerField(default=1)
    per_week = models.PositiveSmallIntegerField(default=1)
    days = models.JSONField(default=list)
    when = models.CharField(max_length=12, default="any")
    mark = models.CharField(max_length=8, blank=True)
    # What the reason was drawn from, as the planner names it: JSON list.
    uses_sealed = models.BinaryField(null=True)
    # When the person wants to do it; until then it rests. No time: any day.
    due_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="plan_item_due")]

    def __str__(self) -> str:
        return f"step {self.position} of plan {self.plan_id}"


class StepRun(models.Model):
    """One time that a step was done. How it felt before and after is an observation of kind `rating`."""

    # Chosen by the page: a form sent twice is one run.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="runs")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"run of step {self.item_id}"


class StepEdit(models.Model):
    """What a step said before somebody changed it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="edits")
    # The counsellor who changed it; empty where the person did.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    title_sealed = models.BinaryField()
    details_sealed = models.BinaryField()
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"earlier words of step {self.item_id}"


class ReminderWish(models.Model):
    """Whether a mail may remind a person of a step they gave a time. No row: only the page Today reminds."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    by_mail = models.BooleanField(default=False)
    decided_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"reminder wish of {self.person_id}"
