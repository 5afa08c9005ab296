"""Routes of chat."""

from django.urls import path

from therapy.chat import ask_views, feelings_views, step_views, views

app_name = "chat"
urlpatterns = [
    path("", views.home, name="home"),
    path("new/", views.new_session, name="new"),
    path("about/<uuid:item_id>/", step_views.about, name="about"),
    path("<uuid:session_id>/", views.session_page, name="session"),
    path("<uuid:session_id>/send/", views.send, name="send"),
    path("<uuid:session_id>/person/", ask_views.ask, name="ask"),
    path("<uuid:session_id>/person/request/", ask_views.request_human, name="request_human"),
    path("<uuid:session_id>/person/withdraw/", ask_views.withdraw, name="withdraw_request"),
    path("<uuid:session_id>/feelings/", feelings_views.show, name="feelings"),
    path("<uuid:session_id>/feelings/switch/", feelings_views.switch, name="feelings_switch"),
]
