"""Routes of the live conversation, inside those of the desk."""

from django.urls import path

from therapy.review import live_views

urlpatterns = [
    path("<uuid:session_id>/", live_views.page, name="live"),
    path("<uuid:session_id>/take/", live_views.take_over, name="live_take"),
    path("<uuid:session_id>/back/", live_views.hand_back, name="live_back"),
    path("<uuid:session_id>/send/", live_views.send, name="live_send"),
]
