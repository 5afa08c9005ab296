"""Routes of care."""

from django.urls import path

from therapy.care import views

app_name = "care"
urlpatterns = [
    path("plan/", views.plan_page, name="plan"),
    path("plan/edit/", views.edit_plan, name="edit_plan"),
    path("plan/offline.js", views.worker, name="worker"),
    path("call-back/", views.callback, name="callback"),
    path("call-back/withdraw/", views.withdraw_callback, name="withdraw_callback"),
    path("check-in/", views.check_in, name="check_in"),
    path("check-in/wish/", views.wish, name="wish"),
]
