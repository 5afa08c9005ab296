"""Who may open the pages of this room, and who may change the rota."""

from __future__ import annotations

from accounts.models import Role, User


def may_see(user: User) -> bool:
    """Counselling staff and operators."""
    return user.is_counselling_staff or is_operator(user)


def may_plan(user: User) -> bool:
    """Supervisors and operators make the rota and the chain."""
    return is_operator(user) or (user.is_counselling_staff and user.role == Role.SUPERVISOR)


def is_operator(user: User) -> bool:
    """Whoever keeps the installation running."""
    return user.is_active and user.is_staff and (user.is_superuser or user.role == Role.OPERATOR)
