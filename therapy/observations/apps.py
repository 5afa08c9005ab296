"""App registration of `therapy.observations`."""

from django.apps import AppConfig


class ObservationsConfig(AppConfig):
    """Timed measurements of a person: the common store."""

    name = "therapy.observations"
    label = "observations"
    default_auto_field = "django.db.models.BigAutoField"
