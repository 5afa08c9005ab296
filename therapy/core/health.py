"""Is everything there? For operators and load balancers: names of parts and yes or no, nothing of people."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

ALIVE_KEY = "attune:inference:alive"
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP")


def database_answers() -> bool:
    """Whether Postgres answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_state() -> tuple[bool, bool]:
    """Whether Redis answers, and whether an inference worker gave a sign of life in the last seconds."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        return True, bool(client.exists(ALIVE_KEY))
    except (RedisError, OSError):
        return False, False
    finally:
        client.close()


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while messages can be kept (the database answers), 503 otherwise; the other parts are told apart."""
    is_kept = database_answers()
    has_redis, has_worker = redis_state()
    parts = {"database": is_kept, "redis": has_redis, "inference": has_worker}
    return JsonResponse({"ok": is_kept, "parts": parts}, status=200 if is_kept else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics of this process, for this machine only: no counts of people go out to the network.

    What came through a proxy came from elsewhere, whatever address its headers claim.
    """
    is_local = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
    if not is_local or any(name in request.headers for name in PROXY_HEADERS):
        return HttpResponse(status=404)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
