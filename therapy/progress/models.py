"""How content people are, in one number and perhaps a few sealed words."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Satisfaction(models.Model):
    """One answer to "how was it?". Asked once in two weeks at most."""

    class About(models.TextChoices):
        PLAN_WEEK = "plan_week", _("the week with my plan")
        TALK = "talk", _("a conversation")
        WHOLE = "whole", _("Attune as a whole")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    about = models.CharField(max_length=10, choices=About, default=About.WHOLE)
    # 1 not at all content to 5 very content; None: rather not say.
    score = models.PositiveSmallIntegerField(null=True)
    comment_sealed = models.BinaryField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__gte=1, score__lte=5), name="satisfaction_one_to_five"
            )
        ]
        indexes = [models.Index(fields=["person", "-at"])]

    def __str__(self) -> str:
        return f"satisfaction of {self.person_id}"
