"""App registration of `therapy.journal`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JournalConfig(AppConfig):
    """Check-ins and journal."""

    name = "therapy.journal"
    label = "journal"
    verbose_name = _("My journal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure, and its card on the page "Today"."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.core.today import register_today  # noqa: PLC0415
        from therapy.journal import holder, today  # noqa: PLC0415

        rights.register_holder("journal", holder.MODELS, holder.export, holder.erase, title=_("My journal"))
        register_today("journal", today.cards)
