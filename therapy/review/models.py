"""A counsellor's decision about a flag."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Review(models.Model):
    """The outcome of one flag, by one counsellor. The note is sealed with the person's key."""

    class Outcome(models.TextChoices):
        TRUE_ALARM = "true_alarm", _("true alarm")
        FALSE_ALARM = "false_alarm", _("false alarm")
        UNCLEAR = "unclear", _("unclear, keep watching")

    class Action(models.TextChoices):
        NONE = "none", _("no further action")
        CONTACTED = "contacted", _("person contacted")
        REFERRED = "referred", _("referred to other help")
        EMERGENCY = "emergency", _("emergency services involved")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flag = models.ForeignKey("safety.RiskFlag", on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="reviews")
    outcome = models.CharField(max_length=12, choices=Outcome)
    action = models.CharField(max_length=12, choices=Action)
    note_sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.outcome} of flag {self.flag_id}"
