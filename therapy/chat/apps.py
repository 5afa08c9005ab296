"""App registration of `therapy.chat`."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Chat sessions, messages, turns and the socket."""

    name = "therapy.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"
