"""Rows of the on-call room: who answers when, what an alert went through, how drills went. No words of people."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Weekday(models.IntegerChoices):
    """Numbered as Python numbers them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


def both_languages() -> list[str]:
    """What a new responder speaks until somebody says otherwise."""
    return ["en", "zh"]


class Responder(models.Model):
    """A staff member who takes alerts: where they live in time, what they speak, whether they are away just now."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="responder",
        verbose_name=_("staff member"),
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # Codes of two letters, as conversations carry them.
    languages = models.JSONField(_("languages"), default=both_languages)
    # Off the rota until then, by their own hand; the next shift after it finds them on call again.
    away_until = models.DateTimeField(_("away until"), null=True, blank=True)

    class Meta:
        verbose_name = _("responder")
        verbose_name_plural = _("responders")

    def __str__(self) -> str:
        return f"responder {self.user_id}"


class Shift(models.Model):
    """A stretch of every week, in the responder's own time. One that ends at or before its start ends the next day."""

    class Line(models.TextChoices):
        FIRST = "first", _("first on call")
        SECOND = "second", _("second on call")
        SUPERVISOR = "supervisor", _("supervisor on call")

    responder = models.ForeignKey(Responder, on_delete=models.CASCADE, related_name="shifts")
    line = models.CharField(_("line"), max_length=12, choices=Line, default=Line.FIRST)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ("weekday", "starts")

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class OpeningHours(models.Model):
    """When the service offers people to talk with. Without any row: whenever somebody is on call. Alerts go always."""

    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ("weekday", "opens")

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"
