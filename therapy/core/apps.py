"""App registration of `therapy.core`."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """What every app leans on: the door to ml, events, errors, metrics, health, base page and styles."""

    name = "therapy.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"
