"""Starts the limited child process for one file and waits for its answer."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

from techmart.errors import UploadRefused

WALL_SECONDS = 30
#: At once in this process, so that uploads cannot take the whole machine.
_slots = threading.BoundedSemaphore(2)

_PACKAGE_DIR = Path(__file__).resolve().parents[1]
#: Runs the module without the package's own `__init__`, which builds the application: 1 s and 100 MB for nothing.
_START = (
    "import runpy, sys, types; package = types.ModuleType('techmart'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['techmart'] = package; runpy.run_module('techmart.exchange.upload_worker', run_name='__main__')"
)
#: None of ours: it holds secrets.
_ENVIRONMENT = {"LANG": "C.UTF-8"}


def examine_in_jail(path: Path, extension: str, output: Path) -> None:
    """Have the file checked by `upload_worker`. Raises UploadRefused, also when the child had to be ended."""
    request = json.dumps({"path": str(path), "extension": extension, "output": str(output)})
    command = [sys.executable, "-I", "-c", _START, str(_PACKAGE_DIR)]
    with _slots:
        try:
            done = subprocess.run(  # noqa: S603 (no part of the command comes from outside)
                command, input=request, capture_output=True, text=True, timeout=WALL_SECONDS, env=_ENVIRONMENT,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise UploadRefused("structure", detail="too_complex") from None
    if done.returncode != 0:
        raise UploadRefused("structure", detail="too_complex")
    answer = json.loads(done.stdout)
    if not answer.get("ok"):
        raise UploadRefused(answer["reason"], answer["limit"], answer["detail"])
