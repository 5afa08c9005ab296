"""ASGI: HTTP to Django, WebSockets to Channels behind an origin check and the session cookie."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "therapy.settings.development")

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from accounts.start import refuse_wrong_keys
from therapy.routing import websocket_urlpatterns

# Before the first request: with a wrong key nothing could be read, and new words would be sealed beside it.
refuse_wrong_keys()

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
