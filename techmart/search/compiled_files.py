"""Compiled loops of versions that are gone: each leaves a folder of its own (see kernels.compiler), some 10 MB."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path
from typing import Final

import numba

_FOLDER: Final = re.compile(r"[0-9a-f]{12}(\.\d+\.old)*")
#: What was written lately may be in use by a process of another version that is just starting.
_KEPT_S: Final = 7 * 24 * 3600.0


def forget_old_compiled(folder: Path | None = None) -> int:
    """Remove what other versions compiled more than a week ago; returns how many folders. Safe to run twice at once.

    `folder`: of this version, found out unless named. One is taken away in one rename, so that nobody finds half of it. Where
    nothing may be removed nothing is.
    """
    own = folder or Path(numba.config.CACHE_DIR)
    removed = 0
    for other in _old_folders(own):
        gone = other.with_name(f"{other.name}.{os.getpid()}.old")
        try:
            other.rename(gone)
        except OSError:  # another process was first, or the program's folder is read-only
            continue
        shutil.rmtree(gone, ignore_errors=True)
        removed += 1
    return removed


def _old_folders(own: Path) -> list[Path]:
    before = time.time() - _KEPT_S
    try:
        return [
            path
            for path in own.parent.iterdir()
            if path != own and _FOLDER.fullmatch(path.name) and path.is_dir() and path.stat().st_mtime < before
        ]
    except OSError:  # no folder yet, or one that went away meanwhile
        return []
