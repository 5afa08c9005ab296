"""HTTP routes."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("therapy.core.urls")),
    path("help/", include("therapy.safety.urls")),
    path("accounts/", include("allauth.urls")),
    path("me/", include("accounts.urls")),
    path("chat/", include("therapy.chat.urls")),
    path("today/", include("therapy.plans.today_urls")),
    path("memory/", include("therapy.memory.urls")),
    path("journal/", include("therapy.journal.urls")),
    path("plan/", include("therapy.plans.urls")),
    path("library/", include("therapy.library.urls")),
    path("care/", include("therapy.care.urls")),
    path("questionnaires/", include("therapy.assessments.urls")),
    path("progress/", include("therapy.progress.urls")),
    path("signals/", include("therapy.signals.urls")),
    path("api/v1/", include("therapy.signals.api_urls")),
    path("practice/", include("therapy.practice.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/on-call/", include("therapy.oncall.urls")),
    path("desk/", include("therapy.review.urls")),
    path("admin/", admin.site.urls),
]
