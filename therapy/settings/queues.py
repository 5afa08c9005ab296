"""Which queue each task goes to, and what the beat asks for and how often."""

from typing import Any

from celery.schedules import crontab

CELERY_TASK_ROUTES: dict[str, dict[str, str]] = {
    "therapy.chat.tasks.run_turn": {"queue": "inference"},
    "therapy.chat.tasks.sweep_turns": {"queue": "default"},
    "therapy.chat.tasks.sum_up_quiet": {"queue": "default"},
    "therapy.safety.tasks.deliver_alert": {"queue": "alerts"},
    "therapy.safety.tasks.sweep_alerts": {"queue": "alerts"},
    "therapy.oncall.tasks.daily_drill": {"queue": "default"},
    "therapy.plans.tasks.draft_plan": {"queue": "default"},
    "therapy.plans.tasks.sweep_drafts": {"queue": "default"},
    "therapy.plans.tasks.review_plans": {"queue": "default"},
    "therapy.plans.tasks.remind_of_steps": {"queue": "default"},
    "therapy.library.tasks.index_library": {"queue": "default"},
    "therapy.care.tasks.sweep_check_ins": {"queue": "default"},
    "therapy.assessments.tasks.sweep_reminders": {"queue": "default"},
    "accounts.tasks.clear_sessions": {"queue": "default"},
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-turns": {"task": "therapy.chat.tasks.sweep_turns", "schedule": 1.0, "options": {"expires": 5}},
    # Conversations that have been quiet for half an hour, for people who let things be remembered.
    "sum-up-quiet": {"task": "therapy.chat.tasks.sum_up_quiet", "schedule": 300.0, "options": {"expires": 300}},
    "sweep-alerts": {"task": "therapy.safety.tasks.sweep_alerts", "schedule": 5.0, "options": {"expires": 10}},
    # Looks whether a drill is due; one begins when the last is a day old.
    "daily-drill": {"task": "therapy.oncall.tasks.daily_drill", "schedule": 600.0, "options": {"expires": 600}},
    "sweep-drafts": {"task": "therapy.plans.tasks.sweep_drafts", "schedule": 5.0, "options": {"expires": 10}},
    # Looks which plans are a week old or have new scores; a plan is looked at once a week.
    "review-plans": {"task": "therapy.plans.tasks.review_plans", "schedule": 300.0, "options": {"expires": 300}},
    "remind-of-steps": {"task": "therapy.plans.tasks.remind_of_steps", "schedule": 60.0, "options": {"expires": 120}},
    "index-library": {"task": "therapy.library.tasks.index_library", "schedule": 120.0, "options": {"expires": 120}},
    "sweep-reminders": {
        "task": "therapy.assessments.tasks.sweep_reminders",
        "schedule": 1800.0,
        "options": {"expires": 1800},
    },
    "sweep-check-ins": {"task": "therapy.care.tasks.sweep_check_ins", "schedule": 60.0, "options": {"expires": 120}},
    # Once a day at a fixed time: a beat that is started anew each day would never come to the end of an interval.
    "clear-sessions": {
        "task": "accounts.tasks.clear_sessions",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 3600},
    },
}
