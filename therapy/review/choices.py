"""Words that decisions are made of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """What a flag turned out to be."""

    TRUE_ALARM = "true_alarm", _("true alarm")
    FALSE_ALARM = "false_alarm", _("false alarm")
    UNCLEAR = "unclear", _("unclear, keep watching")
    ANSWERED = "answered", _("a request, answered")


class Fact(models.TextChoices):
    """Whether one of the four questions of a crisis has been answered."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    UNKNOWN = "unknown", _("not known")
