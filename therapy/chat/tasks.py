"""Celery tasks of chat: thin, ids only."""

from uuid import UUID

from celery import shared_task

from therapy.chat import recalling, recovery, takeover, turn, worker

# Importing `worker` connects the signals of inference workers.
__all__ = ["run_turn", "sum_up_quiet", "sweep_turns", "worker"]


@shared_task(name="therapy.chat.tasks.run_turn")
def run_turn(turn_id: str) -> None:
    """Write the reply of one turn, and ask for the next one of its session."""
    following = turn.run(UUID(turn_id))
    if following is not None:
        run_turn.delay(str(following))


@shared_task(name="therapy.chat.tasks.sweep_turns")
def sweep_turns() -> None:
    """Ask again for turns whose worker died or whose task was lost; relieve counsellors whose connection is lost."""
    for turn_id in takeover.hand_back_lost():
        run_turn.delay(str(turn_id))
    for turn_id in recovery.claim_due():
        run_turn.delay(str(turn_id))


@shared_task(name="therapy.chat.tasks.sum_up_quiet")
def sum_up_quiet() -> None:
    """Sum up conversations that have been quiet for a while."""
    recalling.sum_up_quiet()
