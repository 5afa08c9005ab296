"""WebSocket routes."""

from django.urls import path

from therapy.chat.consumers import ChatConsumer

websocket_urlpatterns = [path("ws/chat/", ChatConsumer.as_asgi())]
