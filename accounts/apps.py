"""App registration of `accounts`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, profile, consent, data keys, roles, rights, audit trail."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks and this app's share in export and erasure."""
        from allauth.mfa.signals import authenticator_added  # noqa: PLC0415 - as below

        from accounts import access, checks, holder, rights  # noqa: F401, PLC0415 - need the models, once apps are loaded

        authenticator_added.connect(access.note_set_up, dispatch_uid="accounts.access")
        rights.register_holder("account", holder.MODELS, holder.export, holder.erase, title=_("Account and profile"))
