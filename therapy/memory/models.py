"""What is remembered of a person. Words stand only in `body_sealed`; even what a memory is about is sealed with it.

No staff page shows any of this: it belongs to the person and to the replies they get.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Memory(models.Model):
    """One thing remembered. It goes with the conversation that it came from."""

    class Kind(models.TextChoices):
        FACT = "fact", pgettext_lazy("memory", "About my life")
        PREFERENCE = "preference", pgettext_lazy("memory", "What I like and dislike")
        SUMMARY = "summary", pgettext_lazy("memory", "Earlier conversations")

    class Origin(models.TextChoices):
        NOTICED = "noticed", _("noticed in what you wrote")
        ASKED = "asked", _("you asked for it to be remembered")
        WRITTEN = "written", _("written by you")
        SUMMED_UP = "summed_up", _("summary of a conversation")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memories")
    kind = models.CharField(max_length=12, choices=Kind)
    origin = models.CharField(max_length=12, choices=Origin)
    session = models.ForeignKey("chat.ChatSession", on_delete=models.CASCADE, null=True, related_name="memories")
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, null=True, related_name="memories")
    # JSON: text, and for what was noticed the slot it fills.
    body_sealed = models.BinaryField()
    said_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "kind", "-said_at"])]

    def __str__(self) -> str:
        return f"{self.kind} remembered of {self.person_id}"


class Forgotten(models.Model):
    """Something the person deleted, so that it is not noticed again: a keyed digest, unreadable even with the key.

    The digest `ALL` stands for everything: no summary is made from what was said before that time.
    """

    ALL = "all"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="forgotten")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="forgotten_once")]

    def __str__(self) -> str:
        return f"something forgotten of {self.person_id}"


class SummedUp(models.Model):
    """How far a conversation has been summed up, whether or not anything was worth keeping or is still kept."""

    session = models.OneToOneField("chat.ChatSession", on_delete=models.CASCADE, primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    up_to_seq = models.PositiveIntegerField(default=0)
    # The person deleted the summary: none is made again.
    is_unwanted = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"session {self.session_id} summed up to {self.up_to_seq}"
