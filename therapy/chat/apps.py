"""App registration of `therapy.chat`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    """Chat sessions, messages, turns and the socket."""

    name = "therapy.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this app's share in export and erasure."""
        from accounts import rights  # noqa: PLC0415 - needs the models, once apps are loaded
        from therapy.chat import drill as voice  # noqa: PLC0415 - as above
        from therapy.chat import holder  # noqa: PLC0415 - as above
        from therapy.oncall import drill  # noqa: PLC0415 - as above

        rights.register_holder("chat", holder.MODELS, holder.export, holder.erase, title=_("Conversations"))
        drill.use(voice)
