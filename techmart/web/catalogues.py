"""Compiled message catalogues, made at start from the .po files: no build step is needed and nothing compiled is committed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCES = Path(__file__).resolve().parent.parent / "translations"
_PATTERN = "*/LC_MESSAGES/*.po"


def ready_catalogues(fallback: Path, sources: Path = SOURCES) -> Path:
    """The folder Flask-Babel shall read: `sources` itself, or `fallback` where the program's own folder is read-only.

    Every catalogue that is missing or not made from the present .po file is compiled first.
    Raises OSError when neither folder can be written.
    """
    try:
        _compile_all(sources, sources)
    except OSError:
        _compile_all(sources, fallback)
        return fallback
    return sources


def _compile_all(sources: Path, target: Path) -> None:
    for source in sorted(sources.glob(_PATTERN)):
        compiled = target / source.relative_to(sources).with_suffix(".mo")
        if not _is_current(compiled, source):
            _compile(source, compiled)


def _is_current(compiled: Path, source: Path) -> bool:
    # Equal, not newer: an unpacked release may bring a changed .po file with a date before that of the compiled one.
    return compiled.exists() and compiled.stat().st_mtime_ns == source.stat().st_mtime_ns


def _compile(source: Path, compiled: Path) -> None:
    """Written aside and renamed: several workers may start at once, and none may read half a file."""
    compiled.parent.mkdir(parents=True, exist_ok=True)
    stamp = source.stat().st_mtime_ns
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    descriptor, name = tempfile.mkstemp(dir=compiled.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            write_mo(file, catalogue)
        Path(name).chmod(0o644)
        os.utime(name, ns=(stamp, stamp))
        Path(name).replace(compiled)
    finally:
        Path(name).unlink(missing_ok=True)
