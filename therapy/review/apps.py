"""App registration of `therapy.review`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    """The counsellors' workspace in the admin."""

    name = "therapy.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.review import holder  # noqa: PLC0415 - as above

        rights.register_holder("reviews", holder.MODELS, holder.export, holder.erase, title=_("Counsellors' reviews"))
