"""Routes of a person's own plan."""

from django.urls import path

from therapy.plans import version_views, views

app_name = "plans"
urlpatterns = [
    path("", views.home, name="home"),
    path("draft/", views.request_draft, name="draft"),
    path("versions/<int:version>/", version_views.version, name="version"),
    path("versions/<int:version>/changes/", version_views.changes, name="changes"),
    path("versions/<int:version>/decline/", version_views.decline, name="decline"),
    path("steps/add/", views.add, name="add"),
    path("steps/<uuid:item_id>/done/", views.done, name="done"),
    path("steps/<uuid:item_id>/edit/", views.edit, name="edit"),
    path("steps/<uuid:item_id>/remove/", views.remove, name="remove"),
    path("steps/<uuid:item_id>/restore/", views.restore, name="restore"),
]
