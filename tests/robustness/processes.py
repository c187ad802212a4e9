"""Real processes of the product on data of their own: started, killed without warning, and always ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60
_END_SECONDS = 15


@dataclass
class Site:
    """The data below one directory, laid out as `tests.conftest.settings_in` does, and the processes working on it."""

    directory: Path
    port: int = 0
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """As an operator would set it. Development, because testing has no worker and production wants https."""
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(self.directory))),
            "TECHMART_ENV": "development",
            "SECRET_KEY": "only-for-tests-" * 3,
            "DATABASE_URL": f"sqlite:///{self.directory / 'techmart.db'}",
            "SEARCH_INDEX_DIR": str(self.directory / "search_index"),
            "UPLOAD_DIR": str(self.directory / "uploads"),
            "VAR_DIR": str(self.directory / "var"),
            "PORT": str(self.port or 8000),
            "WEB_CONCURRENCY": "2",
            "PYTHONFAULTHANDLER": "1",
        }

    def start(self, *module_and_arguments: str) -> subprocess.Popen[bytes]:
        """`python -m …` as the leader of a process group; its output goes to `output.log`."""
        with (self.directory / "output.log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", *module_and_arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._children.append(child)
        return child

    def flask(self, *command: str) -> subprocess.Popen[bytes]:
        return self.start("flask", "--app", "wsgi", *command)

    def run(self, *command: str) -> int:
        """The exit status of a flask command run to its end."""
        return self.flask(*command).wait(_START_SECONDS * 2)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker that has just begun its work (it has touched its heartbeat)."""
        heartbeat = self.directory / "var/worker.heartbeat"
        heartbeat.unlink(missing_ok=True)
        worker = self.flask("worker")
        wait_until(heartbeat.exists, worker)
        return worker

    def start_web(self) -> subprocess.Popen[bytes]:
        """gunicorn on a free port, answering."""
        self.port = free_port()
        web = self.start("gunicorn", "--config", "gunicorn.conf.py", "wsgi:app")
        wait_until(lambda: answers(f"http://127.0.0.1:{self.port}/healthz"), web)
        return web

    def stop(self, child: subprocess.Popen[bytes]) -> int:
        """SIGINT, as Ctrl-C does; the exit status. A child that does not end is made to say what its threads are at."""
        child.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return child.wait(_END_SECONDS)
        child.send_signal(signal.SIGABRT)
        child.wait(_END_SECONDS)
        raise AssertionError((self.directory / "output.log").read_text(errors="replace")[-8000:])

    def end_all(self) -> None:
        for child in self._children:
            kill(child)


@contextmanager
def site_in(directory: Path) -> Iterator[Site]:
    """A site whose processes are gone afterwards, whatever happened."""
    site = Site(directory)
    try:
        yield site
    finally:
        site.end_all()


def kill(child: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the whole group: nobody gets to tidy up."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(10)


def kill_alone(child: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process but not to its children, as the kernel does when memory runs out."""
    child.kill()
    child.wait(10)


def wait_until(
    condition: Callable[[], bool], child: subprocess.Popen[bytes] | None = None, seconds: float = _START_SECONDS
) -> None:
    """Until it is so. AssertionError when it takes too long or `child` ends meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert child is None or child.poll() is None, f"ended with status {child.returncode}"
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.005)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False
