"""Endpoints of the desk that the admin's pages poll."""

from django.urls import include, path

from therapy.review import views

app_name = "review"
urlpatterns = [
    path("live/", include("therapy.review.live_urls")),
    path("scenarios/", views.scenario_test, name="scenarios"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/take/", views.take, name="take"),
]
