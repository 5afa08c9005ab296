"""A personal plan in versions, and its steps. Words are sealed; a draft is shown as one until a counsellor approves."""

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

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="plans")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFTING)
    language = models.CharField(max_length=2, default="en")
    goals_sealed = models.BinaryField(null=True)
    library_version = models.CharField(max_length=40, blank=True)
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

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"step {self.position} of plan {self.plan_id}"
