"""Routes of questionnaires."""

from django.urls import path

from therapy.assessments import history_views, reminder_views, result_views, views

app_name = "assessments"
urlpatterns = [
    path("", views.home, name="home"),
    path("reminders/", reminder_views.wishes, name="reminders"),
    path("reminders/browser/", reminder_views.browser, name="browser"),
    path("summary/", history_views.summary, name="summary"),
    path("take/<uuid:assessment_id>/<int:number>/", views.question, name="question"),
    path("take/<uuid:assessment_id>/all/", views.everything, name="everything"),
    path("take/<uuid:assessment_id>/check/", views.check, name="check"),
    path("result/<uuid:assessment_id>/", result_views.result, name="result"),
    path("result/<uuid:assessment_id>/questions/", result_views.follow_up, name="follow_up"),
    path("result/<uuid:assessment_id>/remove/", result_views.remove, name="remove"),
    path("<slug:name>/", views.about, name="about"),
    path("<slug:name>/history/", history_views.history, name="history"),
]
