"""Rows of people. Words of a person stand only in `*_sealed` columns; see `accounts/keys.py` for opening them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What an account is for. A client is the person using the service; the others are staff."""

    CLIENT = "client", _("client")
    COUNSELLOR = "counsellor", _("counsellor")
    SUPERVISOR = "supervisor", _("supervisor")
    OPERATOR = "operator", _("operator")


class User(AbstractUser):
    """Any account. The username may be a pseudonym, the e-mail address may be empty."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    role = models.CharField(max_length=12, choices=Role, default=Role.CLIENT)
    email = models.EmailField(_("email address"), blank=True)
    # Never asked for: what to call someone stands sealed in the profile.
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    def __str__(self) -> str:
        # A pseudonym may be somebody's name: where rows are printed, a client is a reference.
        return f"client {str(self.pk)[:8]}" if self.is_client else self.username

    @property
    def is_client(self) -> bool:
        """True for a person using the service."""
        return self.role == Role.CLIENT

    @property
    def is_counselling_staff(self) -> bool:
        """True for those who may review people's sessions."""
        return self.is_active and self.is_staff and self.role in (Role.COUNSELLOR, Role.SUPERVISOR)

    def get_full_name(self) -> str:
        """The pseudonym; no real name is kept."""
        return self.username

    def get_short_name(self) -> str:
        """The pseudonym; no real name is kept."""
        return self.username


class DataKey(models.Model):
    """A person's data key, wrapped. Destroying it makes everything sealed of theirs unreadable for good."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    wrapped = models.BinaryField(null=True)
    kek_version = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"data key of {self.person_id}"


class KeyCheck(models.Model):
    """A value derived from each KEK version, by which a wrong key is noticed at start instead of at first use."""

    version = models.PositiveIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"check of key {self.version}"


class Profile(models.Model):
    """What a person chose to tell about themselves. Settings are plain, words are sealed."""

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        CHINESE = "zh-hans", _("Simplified Chinese")

    SEALED: ClassVar[tuple[str, ...]] = ("name", "pronouns", "reason", "goals", "emergency_contact")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    language = models.CharField(max_length=8, choices=Language, default=Language.ENGLISH)
    country = models.CharField(max_length=2, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    adult_stated_at = models.DateTimeField(null=True, blank=True)
    disclosure_seen_at = models.DateTimeField(null=True, blank=True)
    onboarded_at = models.DateTimeField(null=True, blank=True)
    name_sealed = models.BinaryField(null=True)
    pronouns_sealed = models.BinaryField(null=True)
    reason_sealed = models.BinaryField(null=True)
    goals_sealed = models.BinaryField(null=True)
    emergency_contact_sealed = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"profile of {self.person_id}"


class Consent(models.Model):
    """One decision about one purpose, at one time, for one version of its text. Never changed, only added to."""

    class Purpose(models.TextChoices):
        SERVICE = "service", _("the service itself")
        HEALTH_DATA = "health_data", _("health data")
        EMOTION_READING = "emotion_reading", _("emotion reading")
        MEMORY = "memory", _("memory between conversations")
        SCORE_SHARING = "score_sharing", _("showing totals to counsellors")
        OUTCOMES = "outcomes", _("figures about the whole service")
        TRAINING = "training", _("training of models")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    text_version = models.CharField(max_length=20)
    granted = models.BooleanField()
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["person", "purpose", "-decided_at"])]

    def __str__(self) -> str:
        return f"{self.purpose}={self.granted} of {self.person_id}"


class Access(models.Model):
    """A staff member read something of a person's, and why. The person sees these lines under Privacy."""

    class What(models.TextChoices):
        TRANSCRIPT = "transcript", _("a conversation")
        PLAN = "plan", _("the personal plan")
        PROFILE = "profile", _("the profile")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="accesses")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="accesses_made"
    )
    actor_role = models.CharField(max_length=12, choices=Role)
    what = models.CharField(max_length=12, choices=What)
    object_id = models.UUIDField()
    reason_sealed = models.BinaryField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-at"])]

    def __str__(self) -> str:
        return f"{self.what} of {self.person_id} read by {self.actor_id}"


class Erasure(models.Model):
    """Receipt of an erasure: when, and how many rows went. The id of the person is kept to replay it on a backup."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person_id = models.UUIDField(unique=True)
    rows = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class Credential(models.Model):
    """What entitles a staff member to sit at the desk: a licence or a training, checked by somebody, with an end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="credentials")
    title = models.CharField(_("title"), max_length=120)
    issuer = models.CharField(_("issued by"), max_length=120)
    reference = models.CharField(_("number or reference"), max_length=80, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Who enters a record has seen the paper; until then nobody works on the strength of it.
    verified_at = models.DateTimeField(_("paper seen at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        indexes = [models.Index(fields=["user", "-valid_until"])]

    def __str__(self) -> str:
        return f"certificate of {self.user_id} until {self.valid_until}"


class ScenarioResult(models.Model):
    """One attempt at the scenario test of the desk. `answers` holds the keys chosen; nobody's words stand in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="scenario_results")
    version = models.CharField(max_length=20)
    score = models.PositiveSmallIntegerField()
    out_of = models.PositiveSmallIntegerField()
    has_passed = models.BooleanField()
    answers = models.JSONField(default=dict)
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("scenario test")
        verbose_name_plural = _("scenario tests")
        indexes = [models.Index(fields=["user", "-taken_at"])]

    def __str__(self) -> str:
        return f"scenario test of {self.user_id}: {self.score}/{self.out_of}"
