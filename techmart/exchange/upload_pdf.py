"""The structure of an uploaded PDF. Runs in the jail only: a hostile file may take all the time and memory there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from zipfile import is_zipfile

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from techmart.errors import UploadRefused

MAXIMUM_PAGES = 2_000
MAXIMUM_OBJECTS = 200_000
#: Objects nest (arrays of dictionaries of arrays); indirect references are not followed, each object is looked at once.
_MAXIMUM_DEPTH = 50
#: Names that make a reader run, start, fetch or carry something. Real documents for reading need none of them.
_ACTIVE_NAMES = frozenset({"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA"})
#: The same in the raw bytes, for objects that no cross-reference names but a lenient reader might find.
_ACTIVE_BYTES = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFile|RichMedia)\b")
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|svg|iframe|\?php)", re.IGNORECASE)
#: Readers look for the header in the first and for the end mark in the last KiB, and so do guessers of HTML.
_EDGE_BYTES = 1024


def check_pdf(content: bytes) -> None:
    """Raises UploadRefused for a PDF that is locked, active, something else as well, or too large to be looked at."""
    _check_edges(content)
    if _ACTIVE_BYTES.search(content):
        raise UploadRefused("structure", detail="active_content")
    reader = PdfReader(BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise UploadRefused("structure", detail="encrypted")
    numbers = _object_numbers(reader)
    if len(numbers) > MAXIMUM_OBJECTS:
        raise UploadRefused("structure", detail="too_complex")
    for number, generation in numbers:
        _check_object(reader.get_object(IndirectObject(number, generation, reader)))
    _check_object(reader.trailer)
    _check_pages(reader)


def _check_edges(content: bytes) -> None:
    end = content.rfind(b"%%EOF")
    if not content.startswith(b"%PDF-") or end < 0:
        raise UploadRefused("structure", detail="damaged")
    head, tail = content[:_EDGE_BYTES], content[end + 5 :]
    has_markup = _MARKUP.search(head) or _MARKUP.search(tail)
    if has_markup or len(tail) > _EDGE_BYTES or is_zipfile(BytesIO(content)):
        raise UploadRefused("structure", detail="polyglot")


def _object_numbers(reader: PdfReader) -> list[tuple[int, int]]:
    """(number, generation) of every object the cross-reference tables name."""
    found = {(number, generation) for generation, offsets in reader.xref.items() for number in offsets}
    found.update((number, 0) for number in reader.xref_objStm)
    return sorted(found)


def _check_object(thing: PdfObject | None) -> None:
    for name in _names(thing, 0):
        if name in _ACTIVE_NAMES:
            raise UploadRefused("structure", detail="active_content")


def _names(thing: PdfObject | None, depth: int) -> Iterator[str]:
    """Every key of a dictionary and every name used as a value, escapes such as `/J#61vaScript` already resolved."""
    if depth > _MAXIMUM_DEPTH:
        raise UploadRefused("structure", detail="too_complex")
    if isinstance(thing, DictionaryObject):
        for key, value in thing.items():
            yield str(key)
            yield from _names(value, depth + 1)
    elif isinstance(thing, ArrayObject):
        for value in thing:
            yield from _names(value, depth + 1)
    elif isinstance(thing, str) and thing.startswith("/"):
        yield str(thing)


def _check_pages(reader: PdfReader) -> None:
    """At least one page and not absurdly many; the declared count is asked first, for it costs nothing."""
    pages = reader.root_object["/Pages"].get_object()
    declared = pages.get("/Count", 0) if isinstance(pages, DictionaryObject) else 0
    if isinstance(declared, int) and declared > MAXIMUM_PAGES:
        raise UploadRefused("structure", detail="too_complex")
    if not 1 <= len(reader.pages) <= MAXIMUM_PAGES:
        raise UploadRefused("structure", detail="damaged")
