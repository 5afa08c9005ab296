"""App registration of `therapy.signals`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignalsConfig(AppConfig):
    """Signals of body and behaviour, and the state that is read from them. Never an alarm (CR-15)."""

    name = "therapy.signals"
    label = "signals"
    verbose_name = _("Signals")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure, and its card for the page Today."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.core.today import register_today  # noqa: PLC0415
        from therapy.signals import holder, today  # noqa: PLC0415

        rights.register_holder("signals", holder.MODELS, holder.export, holder.erase, title=_("Signals and state"))
        register_today("signals", today.cards)
