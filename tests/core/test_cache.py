"""Logging in must not need Redis."""

import time

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.urls import reverse

from therapy.core.cache import ForgivingRedisCache


@pytest.fixture
def away() -> ForgivingRedisCache:
    cache = ForgivingRedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 1}})
    cache._local.clear()
    cache._away_until.clear()
    return cache


def test_the_project_uses_it():
    assert isinstance(caches["default"], ForgivingRedisCache)


def test_with_redis_it_is_redis():
    cache = caches["default"]
    cache.set("forgiving-test", 7, 30)
    assert cache.get("forgiving-test") == 7
    assert cache.incr("forgiving-test") == 8
    assert cache.has_key("forgiving-test")
    assert cache._server not in cache._away_until
    assert cache._local.get("forgiving-test") is None
    assert cache.delete("forgiving-test")


def test_without_redis_this_process_remembers(away):
    away.set("count", 1, 30)
    assert away.incr("count") == 2
    assert away.get("count") == 2
    assert away.add("count", 9) is False
    assert away.touch("count", 60)
    assert away.delete("count")
    assert away.get("count", "gone") == "gone"


def test_it_does_not_ask_a_dead_redis_each_time(away, monkeypatch):
    away.get("first")
    asked = []
    monkeypatch.setattr(away._cache, "get", lambda *args: asked.append(args))
    away.get("second")
    assert asked == []
    monkeypatch.setattr("therapy.core.cache.time.monotonic", lambda real=time.monotonic: real() + 6)
    away.get("third")
    assert len(asked) == 1


@pytest.mark.django_db
def test_people_and_staff_can_log_in_while_redis_is_away(client, alice, carol, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    for person in (alice, carol):
        answers = {"login": person.username, "password": "correct horse battery"}
        assert client.post(reverse("account_login"), answers).status_code == 302
        client.post(reverse("account_logout"))


@pytest.mark.django_db
def test_limits_still_hold_while_redis_is_away(client, alice, settings):
    LocMemCache("redis-is-away", {}).clear()
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/5m/key"}
    texts = []
    for _ in range(4):
        response = client.post(reverse("account_login"), {"login": "alice", "password": "wrong one"})
        texts.append(str(response.context["form"].non_field_errors()))
    assert texts[0] != texts[-1]
    LocMemCache("redis-is-away", {}).clear()
