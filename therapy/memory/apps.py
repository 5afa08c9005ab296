"""App registration of `therapy.memory`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MemoryConfig(AppConfig):
    """What is remembered of a person between conversations."""

    name = "therapy.memory"
    label = "memory"
    verbose_name = _("What is remembered")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.memory import holder  # noqa: PLC0415

        rights.register_holder("memory", holder.MODELS, holder.export, holder.erase, title=_("What is remembered"))
