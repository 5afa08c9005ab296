"""The page "What is remembered": the person rules over every line, and nobody else sees one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.selectors import has_consented
from therapy.memory import selectors, services
from therapy.memory.models import Memory
from therapy.safety.models import RiskFlag

pytestmark = pytest.mark.django_db
HOME = "memory:home"


@pytest.fixture
def page(client: Client, willing: User) -> Client:
    client.force_login(willing)
    return client


def body(client: Client, name: str = HOME) -> str:
    return client.get(reverse(name)).content.decode()


def test_off_until_asked_for_and_back(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "Remembering is switched off" in body(client)
    client.post(reverse("memory:switch"), {"on": "yes"})
    assert has_consented(alice.pk, "memory")
    assert "Remembering is switched on" in body(client)
    services.add(person_id=alice.pk, kind="fact", text="I work nights")
    client.post(reverse("memory:switch"), {"on": "no"})
    assert not has_consented(alice.pk, "memory")
    assert "I work nights" in body(client)
    client.post(reverse("memory:switch"), {"on": "no", "forget": "on"})
    assert not Memory.objects.exists()


def test_add_change_delete(page: Client, willing: User) -> None:
    page.post(reverse("memory:add"), {"text": "  I  work nights ", "kind": "fact"})
    (view,) = selectors.memories_of(willing.pk)
    assert (view.text, view.origin) == ("I work nights", "written")
    assert "I work nights" in page.get(reverse("memory:edit", args=[view.id])).content.decode()
    page.post(reverse("memory:edit", args=[view.id]), {"text": "I work <b>days</b>"})
    html = body(page)
    assert "I work &lt;b&gt;days&lt;/b&gt;" in html
    assert "changed by you" in html
    for _twice in range(2):
        assert page.post(reverse("memory:delete", args=[view.id])).status_code == 302
    assert not Memory.objects.exists()


def test_deleting_everything_asks_once_more(page: Client, willing: User) -> None:
    for text in ("one", "two"):
        services.add(person_id=willing.pk, kind="fact", text=text)
    assert "2 things" in page.post(reverse("memory:delete_all")).content.decode()
    assert Memory.objects.count() == 2
    page.post(reverse("memory:delete_all"), {"sure": "yes"})
    assert not Memory.objects.exists()


@pytest.mark.parametrize("text", ["", " \n ", "x" * 301])
def test_what_cannot_be_kept_is_said(page: Client, text: str) -> None:
    response = page.post(reverse("memory:add"), {"text": text, "kind": "fact"})
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not Memory.objects.exists()


def test_words_of_danger_bring_help_and_are_not_kept(page: Client, willing: User) -> None:
    response = page.post(reverse("memory:add"), {"text": "I want to kill myself tonight", "kind": "fact"})
    html = response.content.decode()
    assert "data-card" in html
    assert not Memory.objects.exists()
    flag = RiskFlag.objects.get(person=willing)
    assert flag.level >= 3
    assert reverse("chat:session", args=[flag.session_id]) in html


def test_nobody_else_sees_or_changes_it(page: Client, willing: User, bob: User, carol: User) -> None:
    row = services.add(person_id=willing.pk, kind="fact", text="I play the cello")
    for other in (bob, carol):
        page.force_login(other)
        assert "cello" not in page.get(reverse(HOME)).content.decode()
        assert page.get(reverse("memory:edit", args=[row.pk])).status_code == 404
        page.post(reverse("memory:delete", args=[row.pk]))
    page.force_login(carol)
    assert page.get(reverse(HOME)).status_code == 404
    assert Memory.objects.filter(pk=row.pk).exists()


def test_there_is_an_end_to_it(page: Client, willing: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST", 1)
    page.post(reverse("memory:add"), {"text": "one", "kind": "fact"})
    assert "room for" in page.post(reverse("memory:add"), {"text": "two", "kind": "fact"}).content.decode()
