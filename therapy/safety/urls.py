"""Public pages of help; no login."""

from django.urls import path

from therapy.safety import views

app_name = "safety"
urlpatterns = [
    path("", views.get_help, name="help"),
    path("protocol/", views.protocol, name="protocol"),
    path("offline.js", views.worker, name="worker"),
]
