"""The Celery application: configuration comes from Django settings, tasks from each app's `tasks.py`."""

import os

from celery import Celery

# `import therapy` runs this before anything else, so this default wins everywhere (DESIGN: one default).
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "therapy.settings.development")

app = Celery("attune")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
