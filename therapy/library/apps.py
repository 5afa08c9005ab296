"""App registration of `therapy.library`."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Techniques and the typed graph problem, mechanism, technique."""

    name = "therapy.library"
    label = "library"
    default_auto_field = "django.db.models.BigAutoField"
