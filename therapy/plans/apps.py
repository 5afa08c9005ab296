"""App registration of `therapy.plans`."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Personal plans: drafted with reasons, approved, followed, revised."""

    name = "therapy.plans"
    label = "plans"
    default_auto_field = "django.db.models.BigAutoField"
