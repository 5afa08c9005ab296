"""Routes of the journal."""

from django.urls import path

from therapy.journal import data_views, views

app_name = "journal"
urlpatterns = [
    path("", views.home, name="home"),
    path("days/", views.days, name="days"),
    path("picture/", views.picture, name="picture"),
    path("data/", data_views.data, name="data"),
    path("export.csv", data_views.export, name="export"),
    path("template.csv", data_views.template, name="template"),
    path("<uuid:entry_id>/", views.edit, name="edit"),
    path("<uuid:entry_id>/delete/", views.delete, name="delete"),
]
