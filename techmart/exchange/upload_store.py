"""Uploaded bytes on disk, outside the web root, under their SHA-256: `ab/cd/abcd…`. No name of a sender gets there."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Collection
from pathlib import Path

_PART_SUFFIX = ".part"


def store_file(directory: Path, content: bytes) -> str:
    """Write `content` durably and return its SHA-256 in hex. The same bytes again only renew the file's age."""
    digest = hashlib.sha256(content).hexdigest()
    target = stored_path(directory, digest)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f"{digest}.{secrets.token_hex(8)}{_PART_SUFFIX}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    return digest


def stored_path(directory: Path, digest: str) -> Path:
    """Where the file with this SHA-256 lies, two folders deep."""
    return directory / digest[:2] / digest[2:4] / digest


def sweep_files(directory: Path, kept: Collection[str], *, older_than_seconds: float) -> int:
    """Delete files whose SHA-256 is not in `kept`, and leftovers of broken writes; returns how many.

    Young files stay: their row may be about to be committed.
    """
    before = time.time() - older_than_seconds
    count = 0
    for path in directory.glob("??/??/*"):
        if path.name not in kept and path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            count += 1
    return count


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
