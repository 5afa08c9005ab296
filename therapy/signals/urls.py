"""Routes of signals for the signed-in person."""

from django.urls import path

from therapy.signals import api, views

app_name = "signals"
urlpatterns = [
    path("", views.home, name="home"),
    path("ingest/", api.ingest, name="ingest"),
    path("state/", api.state, name="state"),
    path("report/", api.report, name="report"),
    path("say/", views.say, name="say"),
    path("ideal/", views.ideal, name="ideal"),
    path("switches/", views.switches, name="switches"),
    path("devices/", views.make_device, name="make_device"),
    path("devices/<uuid:device_id>/away/", views.revoke_device, name="revoke_device"),
    path("import/", views.bring_in, name="bring_in"),
    path("forget/", views.forget, name="forget"),
    path("example/", views.example, name="example"),
]
