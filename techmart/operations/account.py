"""Use cases of accounts."""

from __future__ import annotations

from techmart.models.account import User
from techmart.rules.policy import Actor, MemberRole, StaffRole


def actor_of(user: User) -> Actor:
    """The facts policy asks about. Memberships count only for a confirmed address."""
    roles = {row.organisation_id: MemberRole(row.role) for row in user.memberships} if user.email_confirmed_at else {}
    return Actor(
        user_id=user.id,
        staff_role=StaffRole(user.staff_role) if user.staff_role else None,
        organisation_roles=roles,
    )
