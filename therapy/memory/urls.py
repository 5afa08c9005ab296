"""Routes of memory."""

from django.urls import path

from therapy.memory import views

app_name = "memory"
urlpatterns = [
    path("", views.home, name="home"),
    path("add/", views.add, name="add"),
    path("switch/", views.switch, name="switch"),
    path("delete-all/", views.delete_all, name="delete_all"),
    path("<uuid:memory_id>/", views.edit, name="edit"),
    path("<uuid:memory_id>/delete/", views.delete, name="delete"),
]
