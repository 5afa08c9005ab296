"""WebSocket routes."""

from django.urls import path

from therapy.chat.consumers import ChatConsumer
from therapy.oncall.socket import AlertsConsumer
from therapy.review.live_socket import LiveConsumer

websocket_urlpatterns = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    path("ws/desk/", LiveConsumer.as_asgi()),
    path("ws/desk/alerts/", AlertsConsumer.as_asgi()),
]
