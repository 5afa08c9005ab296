"""App registration of `therapy.safety`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SafetyConfig(AppConfig):
    """Screening, a person's risk state, flags, alerts and the hotline table."""

    name = "therapy.safety"
    label = "safety"
    verbose_name = _("Safety")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks and this app's share in export and erasure."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.safety import checks, holder  # noqa: F401, PLC0415 - checks register on import

        rights.register_holder("safety", holder.MODELS, holder.export, holder.erase, title=_("Safety notices"))
