"""App registration of `therapy.safety`."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    """Screening, a person's risk state, flags, alerts and the hotline table."""

    name = "therapy.safety"
    label = "safety"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from therapy.safety import checks  # noqa: F401, PLC0415 - checks register on import, once apps are loaded
