"""The structure of an uploaded DOCX, XLSX or PPTX: a gate for the ZIP, then what its parts say about themselves.

Runs in the jail only. Word, Excel and PowerPoint fetch templates, pictures and linked objects when a file is opened:
such targets are refused. A hyperlink waits for a click and is common in honest documents, so http, https and mailto
ones stay.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import Element
from zipfile import ZipFile, ZipInfo

from defusedxml.ElementTree import fromstring

from techmart.errors import UploadRefused

MAXIMUM_ENTRIES = 200
MAXIMUM_UNPACKED_BYTES = 100 * 1024 * 1024
MAXIMUM_RATIO = 100
#: Small parts of markup compress well without being bombs; a ratio says something from here on.
_RATIO_FROM_BYTES = 1024 * 1024
_MAXIMUM_MARKUP_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024

_FORMAT = "application/vnd.openxmlformats-officedocument."
#: Extension → content type that the main part must have.
MAIN_TYPES = {
    "docx": f"{_FORMAT}wordprocessingml.document.main+xml",
    "xlsx": f"{_FORMAT}spreadsheetml.sheet.main+xml",
    "pptx": f"{_FORMAT}presentationml.presentation.main+xml",
}
_MACRO_NAMES = ("vbaproject.bin", "vbadata.xml")
_MACRO_ENDINGS = (".docm", ".xlsm", ".pptm", ".dotm", ".xlam", ".xlsb")
_PROGRAM_ENDINGS = (
    ".7z", ".bat", ".cmd", ".com", ".dll", ".exe", ".hta", ".htm", ".html", ".jar", ".js", ".lnk", ".msi", ".ps1",
    ".rar", ".scr", ".sh", ".vbs", ".wsf", ".zip",
)  # fmt: skip
_LINK_SCHEMES = ("http://", "https://", "mailto:")


def check_office(content: bytes, extension: str) -> None:
    """Raises UploadRefused for what is not a plain document of the type that `extension` says."""
    if not content.startswith(b"PK\x03\x04"):
        raise UploadRefused("structure", detail="damaged")
    with ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
        _check_gate(archive, entries)
        _check_names(entries)
        _check_bytes(archive, entries)
        _check_types(fromstring(_markup(archive, "[Content_Types].xml"), forbid_dtd=True), extension)
        for entry in entries:
            if entry.filename.endswith(".rels"):
                _check_targets(fromstring(_markup(archive, entry.filename), forbid_dtd=True))


def _check_gate(archive: ZipFile, entries: list[ZipInfo]) -> None:
    """What the directory alone tells, before anything is unpacked."""
    if archive.comment or not entries or min(entry.header_offset for entry in entries) != 0:
        raise UploadRefused("structure", detail="polyglot")
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > MAXIMUM_ENTRIES or unpacked > MAXIMUM_UNPACKED_BYTES or unpacked > MAXIMUM_RATIO * max(1, packed):
        raise UploadRefused("structure", detail="archive")
    for entry in entries:
        if entry.file_size > max(_RATIO_FROM_BYTES, MAXIMUM_RATIO * entry.compress_size):
            raise UploadRefused("structure", detail="archive")
        if entry.flag_bits & 0x1:
            raise UploadRefused("structure", detail="encrypted")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UploadRefused("structure", detail="archive")


def _check_names(entries: list[ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names):  # two readers would see two documents
        raise UploadRefused("structure", detail="archive")
    for name in names:
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise UploadRefused("structure", detail="archive")
        if name.rsplit("/", 1)[-1] in _MACRO_NAMES or name.endswith(_MACRO_ENDINGS) or "/activex/" in name:
            raise UploadRefused("structure", detail="macro")
        if name.endswith(_PROGRAM_ENDINGS):
            raise UploadRefused("structure", detail="active_content")


def _check_bytes(archive: ZipFile, entries: list[ZipInfo]) -> None:
    """Unpack every entry without keeping it: checksums must hold, and a lying directory is found out by counting."""
    total = 0
    for entry in entries:
        with archive.open(entry) as part:
            while chunk := part.read(_CHUNK_BYTES):
                total += len(chunk)
                if total > MAXIMUM_UNPACKED_BYTES:
                    raise UploadRefused("structure", detail="archive")


def _markup(archive: ZipFile, name: str) -> bytes:
    """A part that is parsed here; KeyError when it is missing."""
    if archive.getinfo(name).file_size > _MAXIMUM_MARKUP_BYTES:
        raise UploadRefused("structure", detail="too_complex")
    return archive.read(name)


def _check_types(root: Element, extension: str) -> None:
    types = [element.get("ContentType", "") for element in root]
    if any("macroenabled" in name.lower() or "vbaproject" in name.lower() for name in types):
        raise UploadRefused("structure", detail="macro")
    mains = [name for name in MAIN_TYPES.values() if name in types]
    if mains != [MAIN_TYPES[extension]]:
        raise UploadRefused("type")


def _check_targets(root: Element) -> None:
    for relation, target in _external_targets(root):
        if not (relation.endswith("/hyperlink") and target.lower().startswith(_LINK_SCHEMES)):
            raise UploadRefused("structure", detail="external")


def _external_targets(root: Element) -> Iterator[tuple[str, str]]:
    """(kind of relationship, target) of everything outside the file."""
    for element in root:
        target = element.get("Target", "")
        if element.get("TargetMode", "").lower() == "external" or "://" in target or target.startswith(("//", "\\\\")):
            yield element.get("Type", ""), target.strip()
