"""Routes of the articles for people."""

from django.urls import path

from therapy.library import views

app_name = "library"
urlpatterns = [
    path("", views.home, name="home"),
    path("<str:key>/", views.article, name="article"),
]
