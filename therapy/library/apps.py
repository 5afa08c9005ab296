"""App registration of `therapy.library`."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Techniques and the typed graph problem, mechanism, technique."""

    name = "therapy.library"
    label = "library"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system check."""
        from therapy.library import checks  # noqa: F401, PLC0415 - checks register on import, once apps are loaded
