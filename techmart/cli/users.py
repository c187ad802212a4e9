"""`flask users …`: accounts from the command line, above all the first administrator."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from techmart.db import unit_of_work
from techmart.errors import InvalidFields
from techmart.operations.account import create_user, find_user, set_staff_role
from techmart.rules.policy import SYSTEM, StaffRole

users = AppGroup("users", help="Accounts.")

_ROLES = [role.value for role in StaffRole]


@users.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--staff-role", type=click.Choice(_ROLES), help="Makes a member of the operator's staff.")
@click.password_option(help="At least 15 characters; asked for when not given.")
def create(email: str, name: str, staff_role: str | None, password: str) -> None:
    """Create a confirmed account."""
    try:
        with unit_of_work():
            create_user(
                SYSTEM,
                email=email,
                name=name,
                password=password,
                staff_role=StaffRole(staff_role) if staff_role else None,
            )
    except InvalidFields as refusal:
        problems = "; ".join(f"{field}: {', '.join(codes)}" for field, codes in refusal.problems.items())
        raise click.ClickException(problems) from None
    click.echo(f"Created {email}" + (f" as {staff_role}" if staff_role else ""))


@users.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice([*_ROLES, "none"]))
def role(email: str, role: str) -> None:
    """Give or take a staff role; ends the account's sessions."""
    user = find_user(email)
    if user is None:
        raise click.ClickException(f"No account has the address {email}")
    with unit_of_work():
        set_staff_role(SYSTEM, user.id, None if role == "none" else StaffRole(role))
    click.echo(f"{email}: {role}")
