"""What counsellors decide and arrange: dispositions, second looks, claims, cases, tasks, notes, samples."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from therapy.review.choices import Fact, Outcome
from therapy.safety.models import Level


def _staff(related_name: str = "+") -> models.ForeignKey[Any, Any]:
    """A staff member who may leave without taking the row along."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name=related_name
    )


class Review(models.Model):
    """The disposition of one flag, by one counsellor. The note is sealed with the person's key."""

    Outcome = Outcome

    class Action(models.TextChoices):
        NONE = "none", _("no further action")
        CONTACTED = "contacted", _("person contacted")
        REFERRED = "referred", _("referred to other help")
        EMERGENCY = "emergency", _("emergency services involved")

    class Contact(models.TextChoices):
        NOT_NEEDED = "not_needed", _("not needed")
        IN_CHAT = "in_chat", _("in the chat")
        BY_PHONE = "by_phone", _("by telephone")
        TRUSTED = "trusted", _("through the trusted person")
        NOT_REACHED = "not_reached", _("tried, not reached")

    class FalseReason(models.TextChoices):
        IDIOM = "idiom", _("figure of speech")
        FICTION = "fiction", _("fiction, song, game or study")
        QUOTE = "quote", _("words of somebody else")
        PAST = "past", _("over, told as the past")
        DENIAL = "denial", _("a denial was misread")
        TOPIC = "topic", _("the topic, without danger")
        OTHER = "other", _("another reason, see the note")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flag = models.ForeignKey("safety.RiskFlag", on_delete=models.CASCADE, related_name="reviews")
    reviewer = _staff("reviews")
    outcome = models.CharField(max_length=12, choices=Outcome)
    action = models.CharField(max_length=12, choices=Action)
    level_given = models.PositiveSmallIntegerField(choices=Level, null=True)
    # Crisis ladder: thoughts, plan, means, time.
    desire = models.CharField(max_length=8, choices=Fact, default=Fact.UNKNOWN)
    plan = models.CharField(max_length=8, choices=Fact, default=Fact.UNKNOWN)
    means = models.CharField(max_length=8, choices=Fact, default=Fact.UNKNOWN)
    timeframe = models.CharField(max_length=8, choices=Fact, default=Fact.UNKNOWN)
    contact = models.CharField(max_length=12, choices=Contact, default=Contact.NOT_NEEDED)
    false_reason = models.CharField(max_length=12, choices=FalseReason, blank=True)
    follow_up_on = models.DateField(null=True, blank=True)
    note_sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return f"{self.outcome} of flag {self.flag_id}"


class SecondLook(models.Model):
    """A second reviewer looks at every decision about high or imminent risk; a supervisor settles a difference."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for a second look")
        AGREED = "agreed", _("both agree")
        DIFFERS = "differs", _("they differ")
        SETTLED = "settled", _("settled")

    review = models.OneToOneField(Review, on_delete=models.CASCADE, primary_key=True, related_name="second_look")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reviewer = _staff()
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    level_given = models.PositiveSmallIntegerField(choices=Level, null=True)
    note_sealed = models.BinaryField(null=True)
    looked_at = models.DateTimeField(null=True)
    settled_by = _staff()
    settled_outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    settled_level = models.PositiveSmallIntegerField(choices=Level, null=True)
    settled_note_sealed = models.BinaryField(null=True)
    settled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("second look")
        verbose_name_plural = _("second looks")

    def __str__(self) -> str:
        return f"second look at {self.review_id}: {self.state}"


class Claim(models.Model):
    """One counsellor works on one conversation; ends by itself where they go silent."""

    session = models.OneToOneField("chat.ChatSession", on_delete=models.CASCADE, primary_key=True, related_name="claim")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims")
    since = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"claim of session {self.session_id}"


class Presence(models.Model):
    """When a staff member last did something on a page of the desk."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"presence of {self.user_id}"


class Assignment(models.Model):
    """Who accompanies a person. A transfer ends one row and begins another, so that the rows are the history."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments")
    counsellor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cases")
    assigned_by = _staff()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ended_at__isnull=True), name="one_open_assignment"
            )
        ]

    def __str__(self) -> str:
        return f"case of {self.person_id} with {self.counsellor_id}"


class Capacity(models.Model):
    """How many cases one counsellor takes; without a row the number of the settings holds."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    most = models.PositiveSmallIntegerField(_("cases at most"))

    class Meta:
        verbose_name = _("capacity")
        verbose_name_plural = _("capacities")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.most}"


class FollowUp(models.Model):
    """Something somebody promised to do for a person by a day."""

    class What(models.TextChoices):
        CONTACT = "contact", _("get in contact")
        CHECK_IN = "check_in", _("look how it went")
        PLAN = "plan", _("go through the plan")
        REFER = "refer", _("find other help")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follow_ups")
    flag = models.ForeignKey("safety.RiskFlag", on_delete=models.SET_NULL, null=True, related_name="follow_ups")
    assignee = _staff("tasks")
    made_by = _staff()
    what = models.CharField(max_length=10, choices=What, default=What.CHECK_IN)
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = _staff()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["assignee", "done_at", "due_on"])]

    def __str__(self) -> str:
        return f"{self.what} for {self.person_id} by {self.due_on}"


class Note(models.Model):
    """A working note of the desk about a person. Never shown in the chat; part of the person's own copy of data."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_notes")
    author = _staff()
    text_sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"note about {self.person_id}"


class CaseTag(models.Model):
    """A word of the desk's own list about a case; free words could be the person's."""

    class Tag(models.TextChoices):
        CALL_FIRST = "call_first", _("call first")
        MINOR = "minor", _("may be a minor")
        ALONE = "alone", _("lives alone")
        SUBSTANCES = "substances", _("alcohol or drugs")
        EARLIER_ATTEMPT = "earlier_attempt", _("earlier attempt")
        VIOLENCE = "violence", _("violence at home")
        PERINATAL = "perinatal", _("around birth")
        STUDIES = "studies", _("school or studies")
        WORK = "work", _("work")
        LOSS = "loss", _("loss")
        INTERPRETER = "interpreter", _("needs another language")
        SUPPORTED = "supported", _("has support elsewhere")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_tags")
    tag = models.CharField(max_length=16, choices=Tag)
    by = _staff()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "tag"], name="tag_once")]

    def __str__(self) -> str:
        return f"{self.tag} of {self.person_id}"


class BreakGlass(models.Model):
    """An emergency opening of a conversation that is neither flagged nor one's own; a supervisor looks at each."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey("chat.ChatSession", on_delete=models.CASCADE, related_name="break_glass")
    user = _staff()
    # The sealed reason stands in this line of the person's list of readings.
    access = models.OneToOneField("accounts.Access", on_delete=models.CASCADE, related_name="break_glass")
    at = models.DateTimeField()
    until = models.DateTimeField()
    seen_by = _staff()
    seen_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"emergency opening of session {self.session_id}"


class Sample(models.Model):
    """A conversation drawn at random and read without knowing what the program thought of it.

    Some of them were flagged (`is_control`): a reviewer who knew that none was would stop looking.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.OneToOneField("chat.ChatSession", on_delete=models.CASCADE, related_name="sample")
    is_control = models.BooleanField()
    # Messages up to here were judged; what is written later is another matter.
    last_seq = models.PositiveIntegerField()
    drawn_at = models.DateTimeField()
    reviewer = _staff()
    level_given = models.PositiveSmallIntegerField(choices=Level, null=True)
    decided_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sample of session {self.session_id}"


class SupervisionNote(models.Model):
    """What was talked over about somebody's work at the desk, sealed with that colleague's own key."""

    class Kind(models.TextChoices):
        MEETING = "meeting", _("supervision talk")
        FEEDBACK = "feedback", _("feedback on a case")
        REFLECTION = "reflection", _("own reflection")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="supervision_notes")
    author = _staff()
    kind = models.CharField(max_length=10, choices=Kind)
    text_sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    # By the colleague it is about.
    read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"supervision note about {self.person_id}"
