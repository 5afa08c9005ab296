"""App registration of `therapy.care`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareConfig(AppConfig):
    """Safety plans, requests for a call, check-ins after a crisis."""

    name = "therapy.care"
    label = "care"
    verbose_name = _("Care after a crisis")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure, and follow what is raised and written elsewhere."""
        from accounts import reading, rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.care import checkins, elsewhere, holder, profile  # noqa: PLC0415
        from therapy.safety import followers  # noqa: PLC0415
        from therapy.safety.elsewhere import register_bringer  # noqa: PLC0415

        rights.register_holder("care", holder.MODELS, holder.export, holder.erase, title=_("Safety plan and check-ins"))
        followers.register("care", checkins.follow)
        register_bringer(elsewhere.bring)
        reading.register_reader(profile.read)
