"""What may be uploaded: name, size, magic number and structure must all say the same allowed type."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import filetype

from techmart.errors import UploadRefused
from techmart.exchange.upload_jail import examine_in_jail
from techmart.rules.text import safe_filename

MAXIMUM_FILE_BYTES = 20 * 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: Extension → media type. Nothing else is accepted; SVG and HTML can carry scripts.
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
_IMAGES = ("jpg", "png", "webp")
_SAME = {"jpeg": "jpg"}
#: Endings that a server or a desktop would run or render, also where they stand before the last one (`x.php.pdf`).
_DANGEROUS_INNER = frozenset({
    "asp", "aspx", "bat", "cgi", "cmd", "com", "dll", "exe", "hta", "htaccess", "htm", "html", "jar", "js", "jsp",
    "lnk", "msi", "phar", "php", "phtml", "pl", "ps1", "py", "scr", "sh", "shtml", "svg", "vbs", "wsf", "xhtml",
})  # fmt: skip


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be stored: `content` is what to store (of a picture: written anew, without EXIF)."""

    media_type: str
    extension: str
    content: bytes


def check_upload(source: Path | bytes, filename: str) -> CheckedFile:
    """Check a file named `filename` by its sender. Takes up to 30 s: never inside a unit of work.

    Raises UploadRefused: `empty`, `too_large`, `type` (not allowed, or the bytes are not what the name says),
    `structure` (damaged, locked, active, a bomb).
    """
    extension = extension_of(filename)
    content = source if isinstance(source, bytes) else _read(source)
    if not content:
        raise UploadRefused("empty")
    if len(content) > MAXIMUM_FILE_BYTES:
        raise UploadRefused("too_large", MAXIMUM_FILE_BYTES)
    if not _magic_agrees(content, extension):
        raise UploadRefused("type")
    with tempfile.TemporaryDirectory(prefix="techmart-upload-") as folder:
        path, output = Path(folder, "in"), Path(folder, "out")
        path.write_bytes(content)
        examine_in_jail(path, extension, output)
        if extension in _IMAGES:
            content = output.read_bytes()
    if len(content) > MAXIMUM_FILE_BYTES:  # a picture may grow a little
        raise UploadRefused("too_large", MAXIMUM_FILE_BYTES)
    return CheckedFile(MEDIA_TYPES[extension], extension, content)


def extension_of(filename: str) -> str:
    """The allowed extension of a name, in lower case; raises UploadRefused(`type`)."""
    parts = [part.strip().lower() for part in safe_filename(filename, maximum=1000).split(".")]
    extension = _SAME.get(parts[-1], parts[-1])
    if len(parts) < 2 or extension not in MEDIA_TYPES or _DANGEROUS_INNER.intersection(parts[1:-1]):
        raise UploadRefused("type")
    return extension


def _magic_agrees(content: bytes, extension: str) -> bool:
    """Writers order the parts of an office file differently, so its magic number may say no more than ZIP."""
    kind = filetype.guess(content[:8192])
    found = kind.extension if kind is not None else None
    return found == extension or (found == "zip" and extension in ("docx", "xlsx", "pptx"))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAXIMUM_FILE_BYTES + 1)
