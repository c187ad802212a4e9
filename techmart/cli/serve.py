"""`flask serve`: web server and worker together, for one machine. `flask worker`: the worker alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from config import ROOT, Settings
from techmart.cli.sample import load_if_wanted, print_accounts
from techmart.jobs import run_worker

_GRACE_SECONDS = 15


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the background worker: index, mail, imports, exports."""
    run_worker(current_app._get_current_object())  # type: ignore[attr-defined]  # the worker outlives this context


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Migrate, load the sample catalogue on a first start, then run web server and worker until Ctrl-C."""
    settings: Settings = current_app.config["SETTINGS"]
    _refuse_busy_port(settings.port)
    click.echo("Preparing the database …")
    upgrade()
    load_if_wanted()
    print_accounts()
    _announce(settings)
    environment = {**os.environ, "SECRET_KEY": settings.secret_key}
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
    sys.exit(_supervise([[*flask, "worker"], gunicorn], environment))


def _refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise click.ClickException(
                f"Port {port} is in use. Stop what runs there, or choose another: PORT=8001 make run"
            ) from None


def _announce(settings: Settings) -> None:
    click.secho(f"\n  {settings.site_name}: http://127.0.0.1:{settings.port}", bold=True)
    if not settings.smtp_url:
        click.echo(f"  Mail is written to {settings.mail_dir}")
    click.echo("  Ctrl-C stops the web server and the worker.\n")


def _supervise(commands: Sequence[Sequence[str]], environment: dict[str, str]) -> int:
    """Run the commands side by side; when one ends or a signal comes, end the others gently. Returns the exit status.

    Each child leads a session of its own, so that Ctrl-C reaches this process alone and every child is told once.
    """
    children = [
        subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)  # noqa: S603  # fixed commands
        for command in commands
    ]
    asked: list[int] = []

    def _ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    signal.signal(signal.SIGINT, _ask)
    signal.signal(signal.SIGTERM, _ask)
    while not asked and all(child.poll() is None for child in children):
        time.sleep(0.1)
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGINT if child is children[0] else signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return 0 if asked else 1
