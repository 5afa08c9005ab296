"""App registration of `therapy.practice`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PracticeConfig(AppConfig):
    """Practices with their player, runs, cognitive tests."""

    name = "therapy.practice"
    label = "practice"
    verbose_name = _("Practice")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure, and its card on the page Today."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.core import today  # noqa: PLC0415
        from therapy.practice import cards, checks, holder  # noqa: F401, PLC0415

        rights.register_holder(
            "practice", holder.MODELS, holder.export, holder.erase, title=_("Practices and small tests")
        )
        today.register_today("practice", cards.cards)
