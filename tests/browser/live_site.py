"""A real site for the browser: `flask serve` (gunicorn and worker) on a fresh folder with the sample catalogue."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from config import ROOT
from techmart.operations.sample import SAMPLE_PASSWORD

__all__ = ["SAMPLE_PASSWORD", "Site", "running_site", "wait_until"]

T = TypeVar("T")

_START_SECONDS = 90
#: What the worker queues in a day's time. It is the site's own worker that sends it, now: a link signed tomorrow is not valid yet.
_TOMORROW = """
from datetime import timedelta
from techmart.jobs.telling import tell_what_is_due
from techmart.rules.clock import frozen_at, utc_now
from wsgi import app
with app.app_context(), frozen_at(utc_now() + timedelta(days=1)):
    tell_what_is_due()
"""
#: Settings of the machine that runs the tests must not reach the site.
_FOREIGN_SETTINGS = (
    "DATABASE_URL", "UPLOAD_DIR", "SMTP_URL", "TRUSTED_HOSTS", "SECRET_KEY", "SITE_NAME", "FLASK_DEBUG",
)  # fmt: skip


class Site:
    """A running site: its address, its database for looking things up, and the folder its mail is written to."""

    def __init__(self, address: str, var_dir: Path, environment: Mapping[str, str]) -> None:
        self.address = address
        self.var_dir = var_dir
        self._environment = environment

    def send_digests_of_tomorrow(self) -> None:
        """What waits for the digest of tomorrow is mailed now."""
        subprocess.run([sys.executable, "-c", _TOMORROW], cwd=ROOT, env=self._environment, check=True, timeout=60)

    def url(self, path: str) -> str:
        """The whole address of a path of the site."""
        return self.address + path

    def look_up(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a SELECT; only for finding what to open, never for judging what a person would see."""
        address = f"file:{self.var_dir / 'techmart.db'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
            return connection.execute(statement, values).fetchall()

    def listing_path(self, kind: str, state: str, email: str = "") -> str:
        """The path of the first sample listing of that kind and state, of an organisation of `email` where given."""
        statement = """
            SELECT code FROM listing WHERE kind = ? AND state = ? AND (? = '' OR organisation_id IN (
                SELECT organisation_id FROM membership JOIN user_account u ON u.id = user_id WHERE email = ?))
            ORDER BY code"""
        return f"/{kind}s/{self.look_up(statement, kind, state, email, email)[0][0]}"

    def organisation_path(self, email: str) -> str:
        """The path of the organisation of a sample account."""
        statement = """
            SELECT slug FROM organisation o JOIN membership m ON m.organisation_id = o.id
            JOIN user_account u ON u.id = m.user_id WHERE email = ? ORDER BY m.id"""
        return f"/organisations/{self.look_up(statement, email)[0][0]}"

    def mail_to(self, email: str, *, having: str = "") -> str:
        """The text of the newest message to an address that holds `having`, as soon as the worker has written it."""

        def newest() -> str | None:
            files = list((self.var_dir / "mail").glob("*.txt"))
            files.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
            texts = (path.read_text(encoding="utf-8") for path in files)
            return next((text for text in texts if text.startswith(f"To: {email}\n") and having in text), None)

        return wait_until(newest, seconds=30, what=f"mail to {email}")


def wait_until(ask: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """The first true answer; fails when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


@contextmanager
def running_site(directory: Path) -> Iterator[Site]:
    """Start a site below `directory`, wait until it is ready, stop it gently afterwards."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN_SETTINGS}
    environment |= {
        "TECHMART_ENV": "development",
        "SAMPLE_DATA": "yes",
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "VAR_DIR": str(directory / "var"),
        "SEARCH_INDEX_DIR": str(directory / "search_index"),
    }
    log = directory / "serve.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_ready(address, process, log)
        yield Site(address, directory / "var", environment)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    def is_ready() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-4000:]
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
                return bool(json.load(answer)["status"] == "ok")
        except (urllib.error.URLError, OSError):
            return False

    try:
        wait_until(is_ready, seconds=_START_SECONDS, what="the site being ready")
    except AssertionError:
        raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-4000:]) from None
