"""Routes of the interface for devices; authenticated by tokens, described by OpenAPI."""

from django.urls import path

from therapy.signals import api

app_name = "signals_api"
urlpatterns = [
    path("observations", api.observations, name="observations"),
    path("openapi.json", api.openapi, name="openapi"),
]
