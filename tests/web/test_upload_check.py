"""What may be uploaded, file by file (security matrix 57, 58, 60 to 62, 65, 66, 72)."""

from __future__ import annotations

import os
from io import BytesIO

import pytest
from PIL import Image

from techmart.errors import UploadRefused
from techmart.exchange import upload_jail
from techmart.exchange.upload_check import MAXIMUM_FILE_BYTES, check_upload
from techmart.exchange.upload_jail import examine_in_jail
from tests.web import upload_files as make

HTML = b"<html><body><script>alert(1)</script></body></html>"


def refusal(content: bytes, name: str) -> tuple[str, str | None]:
    with pytest.raises(UploadRefused) as caught:
        check_upload(content, name)
    return caught.value.reason, caught.value.detail


def children_seconds() -> float:
    """Processor time of the children so far: of a busy machine the clock on the wall says little."""
    times = os.times()
    return times.children_user + times.children_system


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (make.pdf(), "a.pdf", "application/pdf"),
        (make.pdf(), "Báo cáo v1.2.PDF", "application/pdf"),
        (make.office(), "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (
            make.office("spreadsheetml.sheet"),
            "a.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            make.office("presentationml.presentation"),
            "a.pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        (make.office(relation=("hyperlink", "https://vien.example/")), "a.docx", None),
        (make.picture("JPEG"), "a.jpeg", "image/jpeg"),
        (make.picture("JPEG", mode="CMYK"), "a.jpg", "image/jpeg"),
        (make.picture("PNG", mode="P"), "a.png", "image/png"),
        (make.picture("WEBP", mode="RGBA"), "a.webp", "image/webp"),
    ],
)
def test_what_is_accepted(content, name, media_type):
    checked = check_upload(content, name)
    assert media_type in (None, checked.media_type)
    if not checked.media_type.startswith("image/"):
        assert checked.content == content


def test_a_path_is_read(tmp_path):
    (tmp_path / "in").write_bytes(make.pdf())
    assert check_upload(tmp_path / "in", "a.pdf").extension == "pdf"


@pytest.mark.parametrize(
    "name",
    ["a.php", "a.PHP", "a.html", "a.svg", "a.exe", "a.docm", "a.gif", "a.zip", "a.php.pdf", "a.pdf.php", "pdf", ""],
)
def test_names_that_are_refused(name):
    assert refusal(make.pdf(), name)[0] == "type"


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.pdf", "empty"),
        (b"%PDF-1.7\n" + bytes(MAXIMUM_FILE_BYTES), "a.pdf", "too_large"),
        (HTML, "a.pdf", "type"),
        (b"GIF89a" + HTML, "a.png", "type"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.png", "type"),
        (make.picture("JPEG"), "a.png", "type"),
        (make.office("spreadsheetml.sheet"), "a.docx", "type"),
        (make.archive({"a.txt": b"x"}), "a.docx", "structure"),
        (b"PK\x03\x04" + bytes(100), "a.docx", "structure"),
    ],
)
def test_bytes_that_are_not_what_the_name_says(content, name, reason):
    assert refusal(content, name)[0] == reason


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (make.pdf(script=True), "active_content"),
        (make.hidden_script_pdf(), "active_content"),
        (make.pdf(attachment=True), "active_content"),
        (make.pdf(password="khoa"), "encrypted"),
        (make.pdf(pages=2_001), "too_complex"),
        (make.pdf() + HTML, "polyglot"),
        (make.pdf().replace(b"%PDF-1.3\n", b"%PDF-1.3\n" + HTML), "polyglot"),
        (make.pdf() + make.archive({"A.class": b"x" * 2000}), "polyglot"),
        (make.pdf()[:200], "damaged"),
        (b"%PDF-1.7\nxref\n%%EOF", "damaged"),
    ],
)
def test_pdf(content, detail):
    assert refusal(content, "a.pdf") == ("structure", detail)


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (make.office(parts={"word/vbaProject.bin": b"x"}), "macro"),
        (make.office(macro_type=True), "macro"),
        (make.office(parts={"word/embeddings/a.xlsm": b"x"}), "macro"),
        (make.office(parts={"word/embeddings/a.exe": b"x"}), "active_content"),
        (make.office(parts={"word/embeddings/a.zip": b"x"}), "active_content"),
        (make.office(relation=("attachedTemplate", "https://evil.example/t.dotm")), "external"),
        (make.office(relation=("image", "file://evil.example/share/x.png")), "external"),
        (make.office(relation=("hyperlink", "javascript:alert(1)")), "external"),
        (make.office(parts={"../x.xml": b"x"}), "archive"),
        (make.office(parts={f"word/{number}.xml": b"x" for number in range(200)}), "archive"),
        (make.office(parts={"word/big.xml": bytes(110 * 1024 * 1024)}), "archive"),
        (make.office(parts={"word/ratio.xml": bytes(2 * 1024 * 1024)}), "archive"),
        (make.archive({"[Content_Types].xml": b"<Types/>"}, link="word/link"), "archive"),
        (make.archive({"[Content_Types].xml": b'<!DOCTYPE a [<!ENTITY b "c">]><Types>&b;</Types>'}), "damaged"),
    ],
)
def test_office(content, detail):
    assert refusal(content, "a.docx") == ("structure", detail)


def test_sizes_that_lie_are_found_out():
    content = bytearray(make.office(parts={"word/big.xml": bytes(range(256)) * 400}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # local header and directory: unpacked size
        name_at = 30 if mark == b"PK\x03\x04" else 46
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            if content[at + name_at :].startswith(b"word/big.xml"):
                content[at + offset : at + offset + 4] = (10).to_bytes(4, "little")
    assert refusal(bytes(content), "a.docx") == ("structure", "damaged")


@pytest.mark.parametrize(
    ("content", "name", "detail"),
    [
        (make.picture("JPEG", size=(600, 400))[:-200], "a.jpg", "damaged"),
        (make.picture("PNG", size=(20_000, 20_000), mode="1"), "a.png", "pixels"),
        (make.picture("JPEG") + make.archive({"A.class": b"x"}), "a.jpg", "polyglot"),
    ],
)
def test_pictures_that_are_refused(content, name, detail):
    started = children_seconds()
    assert refusal(content, name) == ("structure", detail)
    assert children_seconds() - started < 10


@pytest.mark.parametrize(("picture_format", "name"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")])
def test_a_photo_loses_its_place_and_stands_upright(picture_format, name):
    before = make.photo_with_place(picture_format)
    assert Image.open(BytesIO(before)).getexif().get_ifd(make.GPS_IFD)
    after = Image.open(BytesIO(check_upload(before, name).content))
    assert after.size == (40, 60)
    assert not after.getexif()
    assert "exif" not in after.info


def test_what_is_written_into_a_picture_is_gone():
    secret = b"<script>alert(1)</script>"
    out = BytesIO()
    Image.new("RGB", (60, 40)).save(out, "JPEG", comment=secret, icc_profile=secret * 10)
    assert secret in out.getvalue()
    assert secret not in check_upload(out.getvalue(), "a.jpg").content


def test_a_child_that_takes_too_long_is_ended(monkeypatch, tmp_path):
    monkeypatch.setattr(upload_jail, "WALL_SECONDS", 0.3)
    monkeypatch.setattr(upload_jail, "_START", "import time; time.sleep(20)")
    with pytest.raises(UploadRefused) as caught:
        examine_in_jail(tmp_path / "in", "pdf", tmp_path / "out")
    assert caught.value.detail == "too_complex"


@pytest.mark.parametrize(
    "work",
    [
        "kept = [bytearray(1 << 20) for _ in range(4096)]",
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
    ],
)
def test_a_child_that_takes_too_much_is_ended(monkeypatch, tmp_path, work):
    limited = upload_jail._START.replace(", run_name='__main__')", ")['limit_process']()")
    monkeypatch.setattr(upload_jail, "_START", f"{limited}\n{work}")
    with pytest.raises(UploadRefused) as caught:
        examine_in_jail(tmp_path / "in", "pdf", tmp_path / "out")
    assert caught.value.detail == "too_complex"


def test_the_child_gets_no_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "not for children")
    probe = "import os, json; print(json.dumps({'reason': 'type', 'limit': None, 'detail': ','.join(os.environ)}))"
    monkeypatch.setattr(upload_jail, "_START", probe)
    with pytest.raises(UploadRefused) as caught:
        examine_in_jail(tmp_path / "in", "pdf", tmp_path / "out")
    assert "SECRET_KEY" not in (caught.value.detail or "")
