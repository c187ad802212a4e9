"""The codec that lets Whoosh keep our array segments: its index, table of contents, commits and readers work on them.

Whoosh's own codec pickles every term and steps through postings one by one: 380 to 630 documents a second and 5 to 9 times
the text on disk. Here a segment is one file of arrays (see segment), and Whoosh reads it through the classes below, which a
test uses to compare every term with what the engine decodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from whoosh.codec import base
from whoosh.fields import KEYWORD, Schema
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from techmart.search.segment import SegmentReader

FIELD: Final = "terms"
EXTENSION: Final = ".arr"
INDEX_NAME: Final = "MAIN"


def make_schema() -> Schema:
    """One field: terms carry their channel in front (see analysis), so one dictionary holds them all."""
    return Schema(**{FIELD: KEYWORD(stored=False)})


class ArraySegment(base.Segment):
    """What the table of contents keeps of a segment: its name, its size and which documents were deleted since."""

    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self.count = 0
        self.deleted: set[int] = set()

    def codec(self) -> ArrayCodec:
        return ArrayCodec()

    def path(self, directory: Path) -> Path:
        return directory / str(self.make_filename(EXTENSION))

    def set_doc_count(self, count: int) -> None:
        self.count = count

    def doc_count_all(self) -> int:
        return self.count

    def deleted_count(self) -> int:
        return len(self.deleted)

    def deleted_docs(self) -> set[int]:
        return self.deleted

    def is_deleted(self, number: int) -> bool:
        return number in self.deleted

    def delete_document(self, number: int, delete: bool = True) -> None:
        self.deleted = self.deleted | {number} if delete else self.deleted - {number}

    def without(self, numbers: set[int]) -> ArraySegment:
        """The same segment with more documents deleted; readers hold on to the old object."""
        changed = ArraySegment(self.indexname)
        changed.segid, changed.count, changed.deleted = self.segid, self.count, self.deleted | numbers
        return changed


class ArrayCodec(base.Codec):
    """Reading for Whoosh. Segments are written by segment.build_segment, not posting by posting."""

    def terms_reader(self, storage: Any, segment: ArraySegment) -> ArrayTerms:  # Any: Whoosh's storage
        return ArrayTerms(SegmentReader(segment.path(Path(storage.folder))))

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> ArrayDocuments:
        return ArrayDocuments(SegmentReader(segment.path(Path(storage.folder))), segment)

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        return ArraySegment(indexname)


class ArrayTerms(base.TermsReader):
    """The dictionary and postings as Whoosh asks for them."""

    def __init__(self, segment: SegmentReader) -> None:
        self._segment = segment

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return term[0] == FIELD and self._segment.find(term[1]) is not None

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return ((FIELD, text) for text in self._segment.terms())

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        first = self._segment.first_at_or_after(prefix)
        return ((FIELD, self._segment.term_at(number)) for number in range(first, self._segment.term_count))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        docs, weights = self._postings(fieldname, text)
        return TermInfo(
            weight=float(weights.sum()),
            df=len(docs),
            maxweight=float(weights.max()),
            minid=int(docs[0]),
            maxid=int(docs[-1]),
        )

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        number = self._segment.find(text) if fieldname == FIELD else None
        return 0 if number is None else self._segment.frequency_at(number)

    def frequency(self, fieldname: str, text: bytes) -> float:
        return self.term_info(fieldname, text).weight() if (fieldname, text) in self else 0.0

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        docs, weights = self._postings(fieldname, text)
        return ListMatcher(docs.tolist(), weights.tolist(), format=format_, scorer=scorer, term=(fieldname, text))

    def indexed_field_names(self) -> list[str]:
        return [FIELD]

    def _postings(self, fieldname: str, text: bytes) -> tuple[Any, Any]:
        number = self._segment.find(text) if fieldname == FIELD else None
        if number is None:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return self._segment.postings_at(number)


class ArrayDocuments(base.PerDocumentReader):
    """Documents as Whoosh asks for them. Their text lives in the database, so the key is all that is stored."""

    def __init__(self, segment: SegmentReader, state: ArraySegment) -> None:
        self._segment, self._state = segment, state

    def doc_count(self) -> int:
        return self._state.count - len(self._state.deleted)

    def doc_count_all(self) -> int:
        return self._state.doc_count_all()

    def has_deletions(self) -> bool:
        return bool(self._state.deleted)

    def is_deleted(self, docnum: int) -> bool:
        return self._state.is_deleted(docnum)

    def deleted_docs(self) -> set[int]:
        return self._state.deleted

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return default

    def field_length(self, fieldname: str) -> int:
        return 0

    def min_field_length(self, fieldname: str) -> int:
        return 0

    def max_field_length(self, fieldname: str) -> int:
        return 0

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return {FIELD: self._segment.keys[docnum]}
