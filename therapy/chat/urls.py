"""Routes of chat."""

from django.urls import path

from therapy.chat import views

app_name = "chat"
urlpatterns = [
    path("", views.home, name="home"),
    path("new/", views.new_session, name="new"),
    path("<uuid:session_id>/", views.session_page, name="session"),
    path("<uuid:session_id>/send/", views.send, name="send"),
]
