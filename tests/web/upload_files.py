"""Files made for the upload tests; none is committed."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

WORD = "wordprocessingml.document"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN_PARTS = {
    WORD: "word/document.xml",
    "spreadsheetml.sheet": "xl/workbook.xml",
    "presentationml.presentation": "ppt/presentation.xml",
}
GPS_IFD = 0x8825


def pdf(*, pages: int = 1, script: bool = False, attachment: bool = False, password: str = "") -> bytes:
    """A small PDF, on demand with an opening script, a carried file or a password."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if script:
        action = DictionaryObject({
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        })  # fmt: skip
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)
    if attachment:
        writer.add_attachment("note.txt", b"hello")
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    return _bytes_of(writer.write)


def hidden_script_pdf() -> bytes:
    """The names spelt with escapes, which a search of the bytes does not see."""
    return pdf(script=True).replace(b"/JavaScript", b"/Java#53cript").replace(b"/JS", b"/#4aS")


def office(
    kind: str = WORD,
    *,
    parts: Mapping[str, bytes] | None = None,
    relation: tuple[str, str] | None = None,
    macro_type: bool = False,
) -> bytes:
    """An office file of few parts; `relation` is (kind, target) of an external relationship."""
    path = _MAIN_PARTS[kind]
    main = f"application/vnd.openxmlformats-officedocument.{kind}.main+xml"
    if macro_type:
        main = "application/vnd.ms-word.document.macroEnabled.main+xml"
    types = f'<Types xmlns="{_PACKAGE}/content-types"><Override PartName="/{path}" ContentType="{main}"/></Types>'
    entries = {"[Content_Types].xml": types.encode(), path: b"<document/>"}
    if relation is not None:
        entries["word/_rels/document.xml.rels"] = (
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/{relation[0]}" '
            f'Target="{relation[1]}" TargetMode="External"/></Relationships>'
        ).encode()
    return archive({**entries, **(parts or {})})


def archive(entries: Mapping[str, bytes], *, link: str = "") -> bytes:
    """A ZIP of these entries, and one symbolic link."""

    def write(out: BytesIO) -> None:
        with ZipFile(out, "w", ZIP_DEFLATED) as made:
            for name, content in entries.items():
                made.writestr(name, content)
            if link:
                entry = ZipInfo(link)
                entry.external_attr = 0o120777 << 16
                made.writestr(entry, "/etc/passwd")

    return _bytes_of(write)


def picture(picture_format: str = "JPEG", *, size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    """A plain picture."""
    return _bytes_of(lambda out: Image.new(mode, size).save(out, picture_format))


def photo_with_place(picture_format: str) -> bytes:
    """A picture that says where it was taken, by whom, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Người chụp"
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (10.0, 58.0, 0.0), 3: "E", 4: (106.0, 39.0, 0.0)})
    return _bytes_of(lambda out: Image.new("RGB", (60, 40)).save(out, picture_format, exif=exif))


def _bytes_of(write: object) -> bytes:
    out = BytesIO()
    write(out)  # type: ignore[operator]  # any writer to a stream
    return out.getvalue()
