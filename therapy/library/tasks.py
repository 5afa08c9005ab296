"""Celery's door to the search index."""

from celery import shared_task

from therapy.library import indexing


@shared_task
def index_library() -> None:
    """Let the encoder read what it has not read yet, a part at a time."""
    indexing.make_vectors()
