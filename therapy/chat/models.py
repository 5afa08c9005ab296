"""Chat sessions, messages and turns. Words stand only in `body_sealed`."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Owner(models.TextChoices):
    """Who speaks to the person. One at a time."""

    ASSISTANT = "assistant", _("Attune (AI)")
    COUNSELLOR = "counsellor", _("counsellor")
    NOBODY = "nobody", _("nobody")


class ChatSession(models.Model):
    """One conversation of one person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_sessions")
    language = models.CharField(max_length=2, default="en")
    # From the browser's language when the session began; what the person set in the profile goes first.
    browser_country = models.CharField(max_length=2, blank=True)
    owner = models.CharField(max_length=12, choices=Owner, default=Owner.ASSISTANT)
    # Grows with every change of owner; a reply is written only if the epoch it was begun under still holds.
    epoch = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    last_message_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-last_message_at"])]

    def __str__(self) -> str:
        return f"session {self.pk}"


class Message(models.Model):
    """One message. `seq` is contiguous from 1 within a session: what a client has seen, it can name by one number."""

    class Role(models.TextChoices):
        USER = "user", _("the person")
        ASSISTANT = "assistant", _("Attune (AI)")
        COUNSELLOR = "counsellor", _("counsellor")
        SYSTEM = "system", _("notice")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    role = models.CharField(max_length=12, choices=Role)
    # Chosen by the browser for each send; a repeated send is recognised by it.
    client_id = models.UUIDField(null=True, blank=True)
    # Who of the staff wrote it; empty for everybody else, and when that account is gone.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    language = models.CharField(max_length=2, default="en")
    body_sealed = models.BinaryField()
    risk_level = models.PositiveSmallIntegerField(default=0)
    risk_kind = models.CharField(max_length=30, blank=True)
    # Engine, model, adapter, prompt and classifier versions, latency, scores. Never words.
    provenance = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "seq"], name="message_seq_once"),
            models.UniqueConstraint(fields=["session", "client_id"], name="message_client_id_once"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="message_seq_from_one"),
        ]

    def __str__(self) -> str:
        return f"message {self.seq} of {self.session_id}"


class Turn(models.Model):
    """One user message and the reply owed to it: the outbox of replies, with attempt and lease."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("writing")
        COMPLETED = "completed", _("answered")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")
        SUPERSEDED = "superseded", _("taken over")

    OPEN = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="turns")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="turn")
    reply = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="turn_answered"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    epoch = models.PositiveIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    first_token_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stop_requested = models.BooleanField(default=False)
    error = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["status", "queued_at"]), models.Index(fields=["status", "lease_until"])]

    def __str__(self) -> str:
        return f"turn {self.pk} ({self.status})"


class Takeover(models.Model):
    """A stretch in which a counsellor speaks to the person instead of the assistant."""

    class Ending(models.TextChoices):
        HANDED_BACK = "handed_back", _("handed back")
        LOST = "lost", _("connection lost")
        PASSED_ON = "passed_on", _("taken over by a colleague")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="takeovers")
    counsellor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="takeovers"
    )
    began_at = models.DateTimeField()
    # The last sign of life of the counsellor's page: without one for a while the assistant answers again.
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=12, choices=Ending, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(ended_at__isnull=True), name="one_counsellor_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"take-over of session {self.session_id}"


class CannedReply(models.Model):
    """A text that counsellors may put into their field and change before they send it. Holds no words of a person."""

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        CHINESE = "zh", _("Chinese")

    title = models.CharField(_("title"), max_length=60)
    text = models.TextField(_("text"), max_length=1000)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("prepared reply")
        verbose_name_plural = _("prepared replies")
        ordering = ("language", "position", "title")

    def __str__(self) -> str:
        return self.title
