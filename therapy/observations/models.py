"""One table of timed measurements; the payload is sealed, the kind and time are plain so that they can be queried."""

import uuid

from django.conf import settings
from django.db import models


class Observation(models.Model):
    """A measurement of a person at a time, for example `emotion` read from one message."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="observations")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    source = models.CharField(max_length=40)
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, null=True, related_name="observations")
    payload_sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["person", "kind", "-at"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


class FeelingsPicture(models.Model):
    """Whether a person put the picture of their feelings away. No row: it is offered, folded."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    is_hidden = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"picture of {self.person_id}"
