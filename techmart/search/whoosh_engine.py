"""The embedded engine: Whoosh keeps segments, table of contents and generations on disk; arrays answer the questions.

Layout of the directory: `CURRENT` names the folder of the generation in use, `g000001/` … hold one Whoosh index each.
A rebuild fills a new folder and replaces CURRENT in one rename; readers notice by the file's identity and open the new one.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any, Final

import structlog
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, clean_files

from techmart.search.analysis import split_words
from techmart.search.array_file import UnknownLayout
from techmart.search.document import SearchDocument
from techmart.search.parallel import build_in_parallel
from techmart.search.request import SearchRequest, SearchResult
from techmart.search.retrieval import answer
from techmart.search.segment import MOST_DOCUMENTS, SegmentReader, build_segment, merge_segments
from techmart.search.snapshot import Snapshot
from techmart.search.spelling import did_you_mean
from techmart.search.suggest import Suggestion, suggest_in
from techmart.search.term_space import SPACE_NAME, TermSpace
from techmart.search.term_space_builder import FEWEST_DOCUMENTS, write_term_space
from techmart.search.weights import PIVOTS
from techmart.search.whoosh_codec import INDEX_NAME, ArraySegment, make_schema

_log = structlog.get_logger()

_POINTER: Final = "CURRENT"
_PIVOTS_NAME: Final = "pivots.json"
_CHECK_SECONDS: Final = 0.2
_DOCUMENTS_MEASURED: Final = 2_000
#: Segments of a rebuild: fewer are smaller and faster to search, but each is built in memory, so long texts make shorter ones,
#: and the first two are short so that small indexes, too, are built on two cores.
_SEGMENT_DOCUMENTS: Final = 16_000
_FIRST_SEGMENTS: Final = (8_000, 8_000)
_SEGMENT_CHARS: Final = 16_000_000
#: More segments than this and the small ones are merged; "small" is below a tenth of the largest, or this many documents.
_SEGMENTS_ALLOWED: Final = 12
_SMALL_DOCUMENTS: Final = 2_000
#: The term space is worked out anew when the index holds so many times the documents it was made from.
_SPACE_OUTGROWN: Final = 1.5


class WhooshEngine:
    """See engine.SearchEngine. `cache_mb` bounds the queries kept ready in one process."""

    def __init__(self, directory: Path, *, cache_mb: int) -> None:
        self._directory = directory
        self._cache_bytes = cache_mb * 1024 * 1024
        self._lock = threading.Lock()
        self._seen: tuple[str, int] | None = None
        self._checked_at = -_CHECK_SECONDS * 2
        self._snapshot = Snapshot("", (), (), (), self._cache_bytes)

    # --- reading ------------------------------------------------------------------------------------------------------

    def search(self, request: SearchRequest) -> SearchResult:
        return answer(self.snapshot(), request)

    def snapshot(self) -> Snapshot:
        """The newest committed state, at most _CHECK_SECONDS old: looking at the directory costs as much as a small query."""
        if time.monotonic() - self._checked_at > _CHECK_SECONDS:
            try:
                self.refresh()
            except (
                UnknownLayout
            ):  # a worker of this version makes the index anew; until then searches find what they knew
                _log.error("index_of_another_version", hint="run `flask search rebuild`")
        return self._snapshot

    def vocabulary(self, prefix: str, limit: int) -> Sequence[tuple[str, int]]:
        counts: dict[str, int] = {}
        for term, count in self.snapshot().vocabulary(prefix):
            counts[term] = counts.get(term, 0) + count
        return sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:limit]

    def document_counts(self, terms: Sequence[str]) -> Sequence[int]:
        return [int(count) for count in self.snapshot().document_counts(terms)]

    def suggest(self, text: str, limit: int) -> Sequence[Suggestion]:
        return suggest_in(self.snapshot(), text, limit)

    def did_you_mean(self, text: str, known: frozenset[str] = frozenset()) -> str:
        return did_you_mean(self.snapshot(), text, known)

    def versions(self) -> Iterable[tuple[str, int]]:
        return self.snapshot().versions()

    def refresh(self) -> bool:
        self._checked_at = time.monotonic()
        newest = self._newest()
        if newest is None or newest == self._seen:
            return False
        with self._lock:
            newest = self._newest()
            if newest is None or newest == self._seen:
                return False
            for _attempt in range(5):
                try:
                    self._open(newest)
                    return True
                except FileNotFoundError:  # a rebuild or merge removed what we were about to open: look again
                    newest = self._newest() or newest
            self._open(newest)
            return True

    def status(self) -> dict[str, Any]:
        self.refresh()
        snapshot = self._snapshot
        return {
            "generation": snapshot.generation or "-",
            "commit": self._seen[1] if self._seen else 0,
            "documents": snapshot.live_count,
            "deleted": snapshot.count - snapshot.live_count,
            "segments": len(snapshot.segments),
            "terms": sum(segment.term_count for segment in snapshot.segments),
            "bytes": sum(segment.size_bytes for segment in snapshot.segments),
            "cache_bytes": snapshot.prepared.used_bytes,
        }

    # --- writing (by whoever holds the sync lock) -----------------------------------------------------------------------

    def apply(self, deletes: Sequence[str], documents: Sequence[SearchDocument]) -> None:
        folder = self._writable_folder()
        storage = FileStorage(str(folder))
        toc = TOC.read(storage, INDEX_NAME)
        segments = [_without(segment, deletes, folder) for segment in toc.segments]
        for start in range(0, len(documents), _SEGMENT_DOCUMENTS):
            chunk = documents[start : start + _SEGMENT_DOCUMENTS]
            segments.append(_write_segment(folder, chunk, _read_pivots(folder)))
        segments = _merged(folder, [segment for segment in segments if segment.doc_count()])
        self._renew_space(folder, segments)
        _commit(storage, segments, toc.generation + 1)
        self._point_to(folder)
        self.refresh()

    def rebuild(self, documents: Iterable[SearchDocument]) -> None:
        iterator = iter(documents)
        first = list(islice(iterator, _DOCUMENTS_MEASURED))
        pivots = measure_pivots(first)
        folder = self._new_folder(pivots)
        paths: list[tuple[ArraySegment, int]] = []
        for segment, count in build_in_parallel(_new_segments(folder), _chunks(first, iterator), pivots):
            paths.append((segment, count))
        for segment, count in paths:
            segment.set_doc_count(count)
        self._renew_space(folder, [segment for segment, _ in paths])
        storage = FileStorage(str(folder))
        _commit(storage, [segment for segment, _ in paths], 1)
        old = self._current_folder()
        self._point_to(folder)
        self.refresh()
        self._forget_all_but({folder, old})

    def _renew_space(self, folder: Path, segments: Sequence[ArraySegment]) -> None:
        """Work the term space out where there is none, or one of a much smaller index: before the commit that shows it."""
        documents = sum(segment.doc_count() for segment in segments)
        space = _read_space(folder, self._snapshot)
        if documents < FEWEST_DOCUMENTS or (space is not None and documents < _SPACE_OUTGROWN * space.documents):
            return
        readers = [SegmentReader(segment.path(folder)) for segment in segments]
        deleted = [segment.deleted for segment in segments]
        write_term_space(folder / SPACE_NAME, Snapshot("", (), readers, deleted, 0))

    def _writable_folder(self) -> Path:
        """The current generation's folder, or a new one where there is none or another version wrote it."""
        folder = self._current_folder()
        if folder is None or not (folder / _PIVOTS_NAME).exists():
            return self._new_folder(PIVOTS)
        try:
            self.refresh()
        except UnknownLayout:
            return self._new_folder(PIVOTS)
        return folder

    # --- files ------------------------------------------------------------------------------------------------------

    def _newest(self) -> tuple[str, int] | None:
        """(generation folder, commit number); two system calls when nothing changed."""
        folder = self._current_folder()
        if folder is None:
            return None
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            return None
        commits = [int(match[1]) for name in names if (match := _TOC_NAME.match(name))]
        return (folder.name, max(commits)) if commits else None

    def _open(self, newest: tuple[str, int]) -> None:
        folder = self._directory / newest[0]
        toc = TOC.read(FileStorage(str(folder)), INDEX_NAME, gen=newest[1])
        old = self._snapshot
        names = [f"{newest[0]}/{segment.segment_id()}" for segment in toc.segments]
        known = dict(zip(old.names, old.segments, strict=True))
        readers = [
            known.get(name) or SegmentReader(segment.path(folder))
            for name, segment in zip(names, toc.segments, strict=True)
        ]
        deleted = [segment.deleted for segment in toc.segments]
        space = _read_space(folder, old)
        self._snapshot = Snapshot(newest[0], names, readers, deleted, self._cache_bytes, space)
        self._seen = newest

    def _current_folder(self) -> Path | None:
        try:
            return self._directory / (self._directory / _POINTER).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def _new_folder(self, pivots: Mapping[str, float]) -> Path:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        taken = [int(path.name[1:]) for path in self._directory.glob("g??????") if path.name[1:].isdigit()]
        folder = self._directory / f"g{max(taken, default=0) + 1:06d}"
        folder.mkdir(mode=0o700)
        (folder / _PIVOTS_NAME).write_text(json.dumps(dict(pivots)), encoding="ascii")
        TOC.create(FileStorage(str(folder)), make_schema(), INDEX_NAME)
        return folder

    def _point_to(self, folder: Path) -> None:
        temporary = self._directory / f"{_POINTER}.new"
        with temporary.open("w", encoding="ascii") as file:
            file.write(folder.name)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._directory / _POINTER)

    def _forget_all_but(self, kept: set[Path | None]) -> None:
        """Remove older generations; the one just left stays for readers in the middle of a query, until the next rebuild."""
        for path in self._directory.glob("g??????"):
            if path not in kept:
                shutil.rmtree(path, ignore_errors=True)


def measure_pivots(documents: Sequence[SearchDocument]) -> dict[str, float]:
    """Field → mean length in words over documents that have the field, the pivot of length normalisation."""
    pivots = dict(PIVOTS)
    for name in pivots:
        lengths = [len(split_words(document.text[name])) for document in documents if document.text.get(name)]
        if lengths:
            pivots[name] = max(1.0, sum(lengths) / len(lengths))
    return pivots


_TOC_NAME: Final = TOC._pattern(INDEX_NAME)


def _read_pivots(folder: Path) -> dict[str, float]:
    pivots: dict[str, float] = json.loads((folder / _PIVOTS_NAME).read_text(encoding="ascii"))
    return pivots


def _read_space(folder: Path, old: Snapshot) -> TermSpace | None:
    """The space of a generation, the open one where it is the same file."""
    try:
        version = TermSpace.version_of(folder / SPACE_NAME)
        return old.space if old.space and old.space.version == version else TermSpace(folder / SPACE_NAME)
    except (FileNotFoundError, UnknownLayout):
        return None


def _chunks(first: Sequence[SearchDocument], rest: Iterator[SearchDocument]) -> Iterator[Sequence[SearchDocument]]:
    chunk: list[SearchDocument] = []
    chars = 0
    sizes = chain(_FIRST_SEGMENTS, repeat(_SEGMENT_DOCUMENTS))
    size = next(sizes)
    for document in chain(first, rest):
        chunk.append(document)
        chars += sum(map(len, document.text.values()))
        if len(chunk) >= size or chars >= _SEGMENT_CHARS:
            yield chunk
            chunk, chars, size = [], 0, next(sizes)
    if chunk:
        yield chunk


def _new_segments(folder: Path) -> Iterator[tuple[ArraySegment, Path]]:
    while True:
        segment = ArraySegment(INDEX_NAME)
        yield segment, segment.path(folder)


def _write_segment(folder: Path, documents: Sequence[SearchDocument], pivots: Mapping[str, float]) -> ArraySegment:
    segment = ArraySegment(INDEX_NAME)
    build_segment(segment.path(folder), documents, pivots)
    segment.set_doc_count(len(documents))
    return segment


def _without(segment: ArraySegment, deletes: Sequence[str], folder: Path) -> ArraySegment:
    if not deletes:
        return segment
    reader = SegmentReader(segment.path(folder))
    numbers = {number for key in deletes if (number := reader.number_of(key)) is not None}
    return segment.without(numbers - segment.deleted) if numbers - segment.deleted else segment


def _merged(folder: Path, segments: list[ArraySegment]) -> list[ArraySegment]:
    """Keep the number of segments small: merge the small ones, which cost little, and leave the large ones alone."""
    if len(segments) <= _SEGMENTS_ALLOWED:
        return segments
    largest = max(segment.doc_count() for segment in segments)
    limit = max(_SMALL_DOCUMENTS, largest // 10)
    small: list[ArraySegment] = []
    for segment in segments:
        if segment.doc_count() <= limit and sum(s.doc_count() for s in small) + segment.doc_count() <= MOST_DOCUMENTS:
            small.append(segment)
    if len(small) < 2:
        return segments
    merged = ArraySegment(INDEX_NAME)
    readers = [SegmentReader(segment.path(folder)) for segment in small]
    merged.set_doc_count(merge_segments(merged.path(folder), readers, [segment.deleted for segment in small]))
    return [segment for segment in segments if segment not in small] + [merged]


def _commit(storage: FileStorage, segments: Sequence[ArraySegment], generation: int) -> None:
    """Write the table of contents (a rename, so it is there or not) and remove files no commit needs."""
    TOC(make_schema(), list(segments), generation).write(storage, INDEX_NAME)
    clean_files(storage, INDEX_NAME, generation, segments)
