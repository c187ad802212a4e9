"""Text that is not in the reader's language is shown as it is, and said to be so."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests import factories as make

TITLES = {"vi": "Màng lọc nano cho nước lợ", "en": "Nanofiltration membrane for brackish water"}
MARKS = {"vi": ">chưa dịch<", "en": ">not translated<"}


@pytest.mark.parametrize("kind", ["offer", "patent", "demand"])
@pytest.mark.parametrize(
    ("written", "title_en", "read", "tag", "note"),
    [
        ("vi", "", "vi", False, False),
        ("vi", "", "en", True, True),
        ("vi", "English title", "en", False, True),
        ("vi", "English title", "vi", False, False),
        ("en", "", "vi", True, True),
        ("en", "", "en", False, False),
    ],
)
def test_listing_pages(
    client: FlaskClient, kind: str, written: str, title_en: str, read: str, tag: bool, note: bool
) -> None:
    """The tag is for the title, the note for the description."""
    listing = make.listing(kind, lang=written, title=TITLES[written], title_en=title_en)
    page = client.get(f"/{kind}s/{listing.code}?lang={read}").text
    assert (f'<span class="tag"{MARKS[read]}' in page) == tag
    assert (f"<b{MARKS[read]}" in page) == note
    title = title_en if read == "en" and title_en else TITLES[written]
    assert (f'<h1 lang="{written}">{title}</h1>' if tag else f"<h1>{title}</h1>") in page


def test_rows_show_the_title_in_the_reader_s_language(client: FlaskClient) -> None:
    of = make.organisation()
    make.offer(of, title="Cụm sấy bơm nhiệt", title_en="Heat pump drying unit")
    make.offer(of, title=TITLES["vi"])
    english = client.get(f"/organisations/{of.slug}?lang=en").text
    assert "Heat pump drying unit" in english
    assert f'lang="vi">{TITLES["vi"]}' in english
    assert "Heat pump" not in client.get(f"/organisations/{of.slug}?lang=vi").text
