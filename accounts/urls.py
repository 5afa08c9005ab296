"""Pages about oneself."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("consent/", views.consent, name="consent"),
    path("onboarding/", views.onboarding, name="onboarding"),
    path("onboarding/<int:step>/", views.onboarding, name="onboarding_step"),
    path("profile/", views.profile, name="profile"),
    path("privacy/", views.privacy, name="privacy"),
    path("export.<str:form>", views.export, name="export"),
    path("standing/", views.standing, name="standing"),
    path("erase/", views.erase, name="erase"),
    path("erased/", views.erased, name="erased"),
]
