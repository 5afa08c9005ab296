"""App registration of `therapy.progress`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgressConfig(AppConfig):
    """What changed, for one person and for the programme."""

    name = "therapy.progress"
    label = "progress"
    verbose_name = _("Progress")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure, and its card on the page "Today"."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.core.today import register_today  # noqa: PLC0415
        from therapy.progress import holder, today  # noqa: PLC0415

        rights.register_holder("progress", holder.MODELS, holder.export, holder.erase, title=_("How content I am"))
        register_today("progress", today.cards)
