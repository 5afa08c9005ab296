"""What staff change in the library, in versions, and the words by which items are found. No words of a person."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What an item is. The values are those of the library's files."""

    TECHNIQUE = "technique", _("technique")
    ARTICLE = "article", _("article")
    PRACTICE = "practice", _("practice")


class LibraryItem(models.Model):
    """One version of an item as staff wrote it. A version that was reviewed is never changed; the next one is.

    The newest version that is reviewed or retired counts and stands over the item of the library's files.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        REVIEWED = "reviewed", _("reviewed")
        RETIRED = "retired", _("taken out")
        REFUSED = "refused", _("sent back")

    class ReadAs(models.TextChoices):
        COLLEAGUE = "colleague", _("as a colleague: language and facts")
        CLINICIAN = "clinician", _("as a licensed clinician")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    key = models.CharField(_("key"), max_length=60)
    version = models.PositiveIntegerField(_("version"))
    # The same fields as a line of the library's files; checked by the same reader before it is kept.
    body = models.JSONField()
    note = models.CharField(_("what changed and why"), max_length=300)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=300, blank=True)
    read_as = models.CharField(max_length=10, choices=ReadAs, blank=True)

    class Meta:
        verbose_name = _("library item")
        verbose_name_plural = _("library items")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "version"], name="library_item_version_once"),
            models.UniqueConstraint(
                fields=["kind", "key"], condition=models.Q(state="draft"), name="library_item_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version} ({self.state})"


class SearchEntry(models.Model):
    """An item in one language as search knows it: words for full text, and a sentence vector once it is made."""

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    # Digest of the text: an entry is made anew where it differs.
    digest = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    text = models.TextField()
    words = SearchVectorField()
    # float32, of length 1; empty until the encoder has read the text.
    vector = models.BinaryField(null=True)
    encoder = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key", "language"], name="search_entry_once")]
        indexes = [GinIndex(fields=["words"], name="search_entry_words")]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"
