"""Routes of the page Today."""

from django.urls import path

from therapy.plans import today_views as views

app_name = "today"
urlpatterns = [
    path("", views.home, name="home"),
    path("steps.ics", views.calendar, name="calendar"),
    path("reminders/", views.reminders, name="reminders"),
    path("steps/<uuid:item_id>/", views.run, name="run"),
    path("steps/<uuid:item_id>/later/", views.later, name="later"),
    path("steps/<uuid:item_id>/decline/", views.decline, name="decline"),
]
