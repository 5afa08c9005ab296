"""Pages of the on-call room."""

from django.urls import path

from therapy.oncall import views

app_name = "oncall"
urlpatterns = [
    path("", views.home, name="home"),
    path("away/", views.away, name="away"),
    path("back/", views.back, name="back"),
    path("drill/", views.begin_drill, name="drill"),
    path("browser/", views.browser, name="browser"),
    path("alerts/<uuid:alert_id>/", views.alert, name="alert"),
    path("alerts/<uuid:alert_id>/take/", views.take, name="take"),
    path("alerts/<uuid:alert_id>/hand-over/", views.hand_over, name="hand_over"),
    path("alerts/<uuid:alert_id>/everyone/", views.escalate, name="everyone"),
]
