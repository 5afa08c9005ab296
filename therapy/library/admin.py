"""The library at the desk: read and searched by staff, written and approved by two. No words of a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.models import User
from therapy.core.errors import ApplicationError
from therapy.library import searching, selectors, services
from therapy.library.forms import DecisionForm, ItemForm, KeyForm, SearchForm, differences
from therapy.library.merging import items_of
from therapy.library.models import Kind, LibraryItem


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not (user.is_counselling_staff or services.may_edit(user)):
        raise Http404
    return user


def _is_allowed(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, User) and (user.is_counselling_staff or services.may_edit(user))


@admin.register(LibraryItem)
class LibraryItemAdmin(ModelAdmin):  # type: ignore[misc]
    """The whole library as a list; each item with its versions, its draft and what is decided about it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Staff who counsel or edit."""
        return _is_allowed(request)

    def has_view_permission(self, request: HttpRequest, obj: LibraryItem | None = None) -> bool:
        """Staff who counsel or edit."""
        return _is_allowed(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Added on our own pages only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: LibraryItem | None = None) -> bool:
        """Changed on our own pages only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LibraryItem | None = None) -> bool:
        """Versions are kept."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Our own pages before the admin's."""
        wrap = self.admin_site.admin_view
        own = [
            path("item/<str:kind>/<str:key>/", wrap(self.item_view), name="library_item"),
            path("item/<str:kind>/<str:key>/edit/", wrap(self.edit_view), name="library_edit"),
            path("new/", wrap(self.new_view), name="library_new"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Every item with its review state; searched in both languages by words and by meaning."""
        user = _user(request)
        words = request.GET.get("words", "").strip()[: searching.MOST_CHARACTERS]
        kind = request.GET.get("kind", "")
        kinds = (kind,) if kind in Kind.values else tuple(Kind.values)
        whole = selectors.whole_library()
        rows = [(one_kind, key, item) for one_kind in kinds for key, item in items_of(whole, one_kind).items()]
        found = None
        if words:
            known = {(one_kind, key): item for one_kind, key, item in rows}
            hits = [hit for language in ("en", "zh") for hit in searching.search(words, language=language, kinds=kinds)]
            best = sorted(hits, key=lambda hit: -hit.score)
            found = {(hit.kind, hit.key): hit.by for hit in reversed(best) if (hit.kind, hit.key) in known}
            order = list(dict.fromkeys((hit.kind, hit.key) for hit in best if (hit.kind, hit.key) in known))
            rows = [(*place, known[place]) for place in order]
        context = {
            "rows": [(one_kind, Kind(one_kind).label, key, item) for one_kind, key, item in rows],
            "library": whole,
            "found": found,
            "search_form": SearchForm(initial={"words": words, "kind": kind}),
            "waiting": selectors.waiting(),
            "may_edit": services.may_edit(user),
            "requires_review": selectors.requires_review(),
            "counts": selectors.review_counts(),
        }
        return self._page(request, "library/desk_list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A version leads to its item."""
        _user(request)
        row = get_object_or_404(LibraryItem, pk=object_id)
        return HttpResponseRedirect(reverse("admin:library_item", args=[row.kind, row.key]))

    def item_view(self, request: HttpRequest, kind: str, key: str) -> HttpResponse:
        """One item: as it counts, its versions, the draft that waits, and decisions (POST)."""
        user = _user(request)
        if kind not in Kind.values:
            raise Http404
        if request.method == "POST":
            self._act(request, user, kind, key)
            return HttpResponseRedirect(request.path)
        versions = selectors.versions_of(kind, key)
        item = items_of(selectors.whole_library(), kind).get(key)
        if item is None and not versions:
            raise Http404
        draft = next((row for row in versions if row.state == LibraryItem.State.DRAFT), None)
        body = selectors.body_of(kind, key)
        context = {
            "kind": kind,
            "kind_name": Kind(kind).label,
            "key": key,
            "item": item,
            "fields": differences(None, body) if body else [],
            "versions": versions,
            "draft": draft,
            "changes": differences(body, draft.body) if draft else [],
            "form": DecisionForm(),
            "out_form": DecisionForm(auto_id="out-%s"),
            "may_edit": services.may_edit(user),
            "is_own": draft is not None and draft.author_id == user.pk,
        }
        return self._page(request, "library/desk_item.html", context)

    def _act(self, request: HttpRequest, user: User, kind: str, key: str) -> None:
        action, note = request.POST.get("action", ""), request.POST.get("note", "")
        row = LibraryItem.objects.filter(kind=kind, key=key, pk=_number(request.POST.get("draft", ""))).first()
        try:
            if action == "take_out":
                services.take_out(user=user, kind=kind, key=key, note=note)
            elif row is None:
                raise ApplicationError("not_found", _("There is no such item."))
            elif action == "approve":
                services.approve(user=user, item_id=row.pk, read_as=request.POST.get("read_as", ""), note=note)
            else:
                services.send_back(user=user, item_id=row.pk, note=note)
        except services.ItemFaults as error:
            messages.error(request, "; ".join(error.faults[:5]))
        except ApplicationError as error:
            messages.error(request, str(error.text))
        else:
            messages.success(request, _("Decided and kept."))

    def edit_view(self, request: HttpRequest, kind: str, key: str) -> HttpResponse:
        """Write the next version of an item; what does not fit is said with its field, and nothing is lost."""
        user = _user(request)
        if kind not in Kind.values or not services.may_edit(user):
            raise Http404
        versions = selectors.versions_of(kind, key)
        newest = versions[0] if versions else None
        is_draft = newest is not None and newest.state == LibraryItem.State.DRAFT
        body = newest.body if newest is not None and is_draft else selectors.body_of(kind, key)
        seen = newest.version if newest else 0
        form = ItemForm(kind, request.POST or None, body=body, seen=seen)
        faults: tuple[str, ...] = ()
        if request.method == "POST" and form.is_valid():
            written = {"user": user, "kind": kind, "key": key, "body": form.body(), "note": form.cleaned_data["note"]}
            try:
                services.write(**written, seen_version=form.cleaned_data["seen"])
            except services.ItemFaults as error:
                faults = error.faults
            except ApplicationError as error:
                faults = (str(error.text),)
            else:
                messages.success(request, _("Kept as a draft. Somebody else has to approve it before it counts."))
                return HttpResponseRedirect(reverse("admin:library_item", args=[kind, key]))
        context = {"kind": kind, "kind_name": Kind(kind).label, "key": key, "form": form, "faults": faults}
        return self._page(request, "library/desk_edit.html", context)

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Name a new item, then write it."""
        if not services.may_edit(_user(request)):
            raise Http404
        form = KeyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            kind, key = form.cleaned_data["kind"], form.cleaned_data["key"]
            if key not in items_of(selectors.whole_library(), kind):
                return HttpResponseRedirect(reverse("admin:library_edit", args=[kind, key]))
            form.add_error("key", _("There is an item of that key. Please edit it."))
        return self._page(request, "library/desk_new.html", {"form": form})

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, template, shared)


def _number(text: str) -> UUID:
    """An id as sent; one that nothing has where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
