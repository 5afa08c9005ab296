"""App registration of `therapy.oncall`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnCallConfig(AppConfig):
    """The rota, the chain of an alert and its channels."""

    name = "therapy.oncall"
    label = "oncall"
    verbose_name = _("On call")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks, and stand behind the door through which alerts leave."""
        from therapy.oncall import checks  # noqa: F401, PLC0415 - checks register on import
        from therapy.oncall.courier import OnCallCourier  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.safety import delivery  # noqa: PLC0415 - as above

        delivery.use(OnCallCourier())
