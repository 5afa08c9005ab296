"""The Django project: only glue at this level, one app per sub-folder."""

from therapy.celery import app as celery_app

__all__ = ["celery_app"]
