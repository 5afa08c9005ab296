"""Routes of practice."""

from django.urls import path

from therapy.practice import trials_views, views

app_name = "practice"
urlpatterns = [
    path("", views.home, name="home"),
    path("history/", views.history, name="history"),
    path("run/<uuid:run_id>/", views.run, name="run"),
    path("run/<uuid:run_id>/position/", views.position, name="position"),
    path("run/<uuid:run_id>/finish/", views.finish, name="finish"),
    path("run/<uuid:run_id>/leave/", views.leave, name="leave"),
    path("run/<uuid:run_id>/result/", views.result, name="result"),
    path("tests/", trials_views.tests, name="tests"),
    path("tests/<slug:kind>/", trials_views.test, name="test"),
    path("tests/<slug:kind>/send/", trials_views.test_result, name="test_result"),
    path("tests/<slug:kind>/results/", trials_views.test_results, name="test_results"),
    path("<slug:practice_id>/", views.detail, name="detail"),
]
