"""App registration of `therapy.review`."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """The counsellors' workspace in the admin."""

    name = "therapy.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"
