"""`flask alerts …`: what waits to be matched and told, and what was put aside. The exit status says whether all is well."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from techmart.db import unit_of_work
from techmart.operations.digest import count_unmailed
from techmart.operations.match_queue import count_queue, list_put_aside, retry_put_aside

alerts = AppGroup("alerts", help="Matching of new listings, and the alerts it gives.")


@alerts.command("status")
def status() -> None:
    """What waits and what was put aside; exit status 1 when something was."""
    counts = count_queue()
    click.echo(f"waiting to be matched: {counts['single']}, and {counts['bulk']} from imports")
    click.echo(f"alerts waiting for a digest: {count_unmailed()}")
    click.echo(f"put aside after failures: {counts['put_aside']}")
    for key, error in list_put_aside():
        click.echo(f"  {key}: {error}")
    sys.exit(1 if counts["put_aside"] else 0)


@alerts.command("retry")
def retry() -> None:
    """Let what was put aside be tried again by the worker."""
    with unit_of_work() as session:
        count = retry_put_aside(session)
    click.echo(f"{count} will be tried again")
