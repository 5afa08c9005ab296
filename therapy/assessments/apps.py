"""App registration of `therapy.assessments`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """Questionnaires about how somebody has been."""

    name = "therapy.assessments"
    label = "assessments"
    verbose_name = _("Questionnaires")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure, and its cards on the page "Today"."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.assessments import holder, today  # noqa: PLC0415
        from therapy.core.today import register_today  # noqa: PLC0415

        rights.register_holder(
            "assessments", holder.MODELS, holder.export, holder.erase, title=_("Questionnaires and reminders")
        )
        register_today("assessments", today.cards)
