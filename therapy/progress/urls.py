"""Routes of progress."""

from django.urls import path

from therapy.progress import views

app_name = "progress"
urlpatterns = [
    path("", views.home, name="home"),
    path("how-was-it/", views.satisfaction, name="satisfaction"),
]
