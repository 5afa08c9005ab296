"""App registration of `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, profile, consent, data keys, roles, rights, audit trail."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from accounts import checks  # noqa: F401, PLC0415 - checks register on import, once apps are loaded
