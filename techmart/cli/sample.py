"""`flask sample …`: the sample catalogue in and out; also what `flask serve` does about it."""

from __future__ import annotations

import time

import click
from flask import current_app
from flask.cli import AppGroup

from config import Settings
from techmart.cli.progress import progress_bar
from techmart.operations.sample import SAMPLE_PASSWORD, list_sample_accounts, load_sample, sample_is_wanted
from techmart.operations.sample_removal import remove_sample
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index

sample = AppGroup("sample", help="The sample catalogue of invented organisations and listings.")


@sample.command("load")
def load() -> None:
    """Enter the sample catalogue, or what is missing of it, and index it."""
    _load()
    print_accounts()


@sample.command("remove")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(yes: bool) -> None:
    """Delete every illustrative listing and organisation and every sample account."""
    if not yes:
        click.confirm("Delete all illustrative listings, organisations and sample accounts?", abort=True)
    with progress_bar("Removing the sample catalogue") as advance:
        removal = remove_sample(advance)
    sync_index(current_engine(), sync_lock_path())
    click.echo(
        f"Removed {removal.listings} listings, {removal.organisations} organisations and {removal.accounts} accounts."
    )
    for name in removal.kept:
        click.echo(f"  kept, because real content hangs on it: {name}")
    click.echo("Make your own administrator: flask users create ADDRESS --name NAME --staff-role administrator")


def load_if_wanted() -> None:
    """On a first start, where the settings want it: enter and index the catalogue, or what is missing of it."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.sample_data and sample_is_wanted():
        _load()


def print_accounts() -> None:
    """The sample accounts whose password is still the known one; prints nothing when there is none."""
    accounts = list_sample_accounts()
    if not accounts:
        return
    click.secho(f"\n  Sample accounts, password of each: {SAMPLE_PASSWORD}", bold=True)
    width = max(len(account.email) for account in accounts)
    for account in accounts:
        place = f" – {account.organisation}" if account.organisation else ""
        click.echo(f"    {account.email:<{width}}  {account.role}{place}")


def _load() -> None:
    started = time.perf_counter()
    with progress_bar("Loading the sample catalogue") as advance:
        count = load_sample(advance)
    click.echo("Indexing …")
    sync_index(current_engine(), sync_lock_path())
    click.echo(f"{count} sample listings in {time.perf_counter() - started:.1f} s")
