"""Switches, device tokens, ten-minute windows, the state of a person. Measurements stand in `observations`, sealed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class SignalSwitch(models.Model):
    """One decision about one kind of signal, for one version of its text. Never changed, only added to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="signal_switches")
    kind = models.CharField(max_length=20)
    text_version = models.CharField(max_length=20)
    granted = models.BooleanField()
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["person", "kind", "-decided_at"])]

    def __str__(self) -> str:
        return f"{self.kind}={self.granted} of {self.person_id}"


class DeviceToken(models.Model):
    """A device that may send some kinds of signals for a person. Only the digest of its token is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="device_tokens")
    name_sealed = models.BinaryField()
    digest = models.CharField(max_length=64, unique=True)
    # Names of `kinds.KINDS`.
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-created_at"])]

    def __str__(self) -> str:
        return f"device {self.pk}"


class SignalWindow(models.Model):
    """Sums of what was measured in one window of time: what the model reads. JSON of `windows.Sums`, sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="signal_windows")
    start = models.DateTimeField()
    body_sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "start"], name="one_signal_window_per_time")]

    def __str__(self) -> str:
        return f"window {self.pk}"


class PersonState(models.Model):
    """What is believed of a person's attention, emotion and resilience, their ideal, their usual: one row, sealed."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    # JSON of `belief.Kept`.
    body_sealed = models.BinaryField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"state of {self.person_id}"
