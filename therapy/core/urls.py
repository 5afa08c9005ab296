"""Public pages of the product."""

from django.urls import path

from therapy.core import health, views

app_name = "core"
urlpatterns = [
    path("", views.home, name="home"),
    path("health/", health.health, name="health"),
    path("metrics/", health.metrics, name="metrics"),
    path("privacy/", views.privacy, name="privacy"),
]
