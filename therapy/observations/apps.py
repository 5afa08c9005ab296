"""App registration of `therapy.observations`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObservationsConfig(AppConfig):
    """Timed measurements of a person: the common store."""

    name = "therapy.observations"
    label = "observations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.observations import holder  # noqa: PLC0415 - as above

        rights.register_holder(
            "observations", holder.MODELS, holder.export, holder.erase, title=_("What was read from my messages")
        )
