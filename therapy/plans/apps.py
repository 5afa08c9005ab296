"""App registration of `therapy.plans`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    """Personal plans: drafted with reasons, approved, followed, revised."""

    name = "therapy.plans"
    label = "plans"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what this app keeps of a person, for export and erasure."""
        from accounts.rights import register_holder  # noqa: PLC0415 - models are there only once apps are loaded
        from therapy.plans import holder  # noqa: PLC0415

        register_holder("plans", holder.MODELS, holder.export, holder.erase, title=_("Your plans"))
