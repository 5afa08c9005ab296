"""Journal entries. Times are plain so that pages can be cut; everything said of oneself is sealed, numbers too."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Entry(models.Model):
    """One moment of a person's day. Several a day are fine; two at the same moment are one."""

    class Source(models.TextChoices):
        PAGE = "page", "page"
        IMPORT = "import", "import"

    # Chosen by the form, so that a form sent twice is one entry.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="journal_entries")
    at = models.DateTimeField()
    # The date where the person lived at that moment: it stays when they move to another time zone.
    day = models.DateField()
    source = models.CharField(max_length=8, choices=Source, default=Source.PAGE)
    # JSON of `readings.Reading` without its text; apart from the text, because pictures open only this.
    reading_sealed = models.BinaryField()
    text_sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "at"], name="journal_one_per_moment")]
        indexes = [models.Index(fields=["person", "-day", "-at"])]

    def __str__(self) -> str:
        return f"journal entry of {self.person_id} on {self.day}"
