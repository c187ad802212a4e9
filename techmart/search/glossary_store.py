"""The glossary of the running search: staff terms, then the shipped ones, then imported dictionaries.

Staff terms are rows and few: a look at their count and newest change says whether to read them again. Dictionaries are
files of `VAR_DIR/glossary` and large: they are compiled in the background when the folder changed, while searches go on
with what they had.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from flask import Flask, current_app
from sqlalchemy import func, select

from config import Settings
from techmart.db import db
from techmart.models.glossary import GlossaryTerm
from techmart.search.glossary import Entry, Glossary, read_glossary_folder, shipped_glossary

#: How long a change may go unnoticed.
CHECK_SECONDS: Final = 2.0

FilesState = tuple[tuple[str, int, int], ...]

_log = structlog.get_logger()


@dataclass(frozen=True)
class TermCounts:
    """How many terms each part of the glossary has."""

    own: int
    shipped: int
    imported: int


class GlossaryStore:
    """One per application and process. `check_seconds` 0: look at every call and compile while the caller waits."""

    def __init__(self, folder: Path, *, check_seconds: float = CHECK_SECONDS) -> None:
        self._folder = folder
        self._check_seconds = check_seconds
        self._lock = threading.Lock()
        self._checked_at = 0.0
        self._files_state: FilesState = ()
        self._terms_state: object = None
        #: The shipped glossary and, where there are any, the dictionaries.
        self._files: tuple[Glossary, ...] = ()
        self._files_in_use: tuple[Glossary, ...] = ()
        self._all: Glossary | None = None
        self._compiling: threading.Thread | None = None

    def glossary(self) -> Glossary:
        """What holds now, a few seconds old at most; the first call waits for the shipped terms alone.

        Needs an application context.
        """
        if self._all is None:
            with self._lock:
                self._renew()
        elif time.monotonic() - self._checked_at >= self._check_seconds and self._lock.acquire(blocking=False):
            try:
                self._renew()
            finally:
                self._lock.release()
        assert self._all is not None
        return self._all

    def look_again(self) -> None:
        """Let the next call look for changes however short ago the last one did."""
        self._checked_at = float("-inf")

    def counts(self) -> TermCounts:
        """Sizes of the three parts."""
        everything, files = len(self.glossary()), self._files_in_use
        shipped = len(files[0])
        in_files = sum(len(part) for part in files)
        return TermCounts(own=everything - in_files, shipped=shipped, imported=in_files - shipped)

    def warm(self) -> None:
        """Compile the files ahead of the first search. Needs no application context."""
        with self._lock:
            self._renew_files()

    def _renew(self) -> None:
        self._renew_files()
        files, terms_state = self._files, _state_of_terms()
        if self._all is None or files is not self._files_in_use or terms_state != self._terms_state:
            self._all = Glossary(_staff_entries(), behind=files)
            self._files_in_use, self._terms_state = files, terms_state
        self._checked_at = time.monotonic()

    def _renew_files(self) -> None:
        if not self._files:
            self._files, self._files_state = (shipped_glossary(),), ()
        state = _state_of_files(self._folder)
        if state == self._files_state or self._compiling is not None:
            return
        if not self._check_seconds:
            self._compile(state)
            return
        self._compiling = threading.Thread(target=self._compile_behind, args=(state,), daemon=True)
        self._compiling.start()

    def _compile_behind(self, state: FilesState) -> None:
        try:
            self._compile(state)
        except Exception as error:  # outermost of the thread: the dictionaries of before stay in use
            _log.warning("glossary_not_compiled", error=repr(error))
            self._files_state = state  # not tried again until the folder changes
        finally:
            self._compiling = None

    def _compile(self, state: FilesState) -> None:
        started = time.perf_counter()
        parts = [shipped_glossary()]
        if state:
            try:
                parts.append(Glossary(read_glossary_folder(self._folder)))
            except OSError as error:  # searching without the dictionaries is better than not searching
                _log.warning("dictionaries_not_read", error=repr(error))
        self._files, self._files_state = tuple(parts), state
        terms = sum(len(part) for part in parts)
        _log.info("glossary_compiled", terms=terms, seconds=round(time.perf_counter() - started, 2))


def init_app(app: Flask) -> None:
    """Nothing is read before the first search or `warm`."""
    settings: Settings = app.config["SETTINGS"]
    wait = 0.0 if settings.environment == "testing" else CHECK_SECONDS
    app.extensions["techmart-glossary"] = GlossaryStore(settings.glossary_dir, check_seconds=wait)


def glossary_store() -> GlossaryStore:
    """The store of this application."""
    store: GlossaryStore = current_app.extensions["techmart-glossary"]
    return store


def current_glossary() -> Glossary:
    """The terms that searches are translated with now."""
    return glossary_store().glossary()


def _state_of_files(folder: Path) -> FilesState:
    """Name, time and size of each dictionary; empty where there is none."""
    try:
        stats = sorted((path.name, path.stat()) for path in folder.glob("*.tsv"))
    except FileNotFoundError:  # removed between the listing and the look
        return ()
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _state_of_terms() -> object:
    columns = func.count(), func.sum(GlossaryTerm.version), func.max(GlossaryTerm.updated_at)
    return tuple(db.session.execute(select(*columns).select_from(GlossaryTerm)).one())


def _staff_entries() -> Iterator[Entry]:
    """The newest first: what staff add last is what they miss most."""
    columns = GlossaryTerm.vi, GlossaryTerm.en, GlossaryTerm.domain
    rows = db.session.execute(select(*columns).order_by(GlossaryTerm.id.desc()))
    return (Entry(vi, en, domain) for vi, en, domain in rows)
