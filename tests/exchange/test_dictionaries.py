"""Dictionaries for the glossary: what is read, what is refused, and the folder they lie in."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest
from flask import Flask

from techmart.errors import NotFound
from techmart.exchange.dictionaries import dictionary_name, list_dictionaries, remove_dictionary, write_dictionary
from techmart.exchange.glossary_source import SourceRow, UnknownDictionary, description_of, read_source
from techmart.exchange.stardict import NotAStarDict
from techmart.search.glossary import Entry, read_glossary_folder
from techmart.search.glossary_store import current_glossary

ARTICLES = {
    "00-database-short": "- A dictionary",
    "máy quạt hòm": "@máy quạt hòm\n*  danh từ\n- winnower (for rice); grain fan\n",
    "bừa": "- to harrow\n=bừa đĩa răng+disc harrow\n- xem cày\n",
}


def stardict(folder: Path, *, zipped: bool = True) -> Path:
    """A small dictionary in the three files of the format."""
    body, index = b"", b""
    for headword, text in ARTICLES.items():
        article = text.encode()
        index += headword.encode() + b"\0" + struct.pack(">II", len(body), len(article))
        body += article
    ifo = folder / "small.ifo"
    ifo.write_text(
        "StarDict's dict ifo file\nversion=2.4.2\nbookname=Từ điển nhỏ\nsametypesequence=m\n", encoding="utf-8"
    )
    (folder / "small.idx").write_bytes(index)
    (folder / ("small.dict.dz" if zipped else "small.dict")).write_bytes(gzip.compress(body) if zipped else body)
    return ifo


def pairs(path: Path) -> list[tuple[str, str]]:
    return [(row.entry.vietnamese, row.entry.english) for row in read_source(path) if not row.problem]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "vi,en,domain\nmáy quạt hòm,winnower,agriculture\n"),
        ("a.csv", "\ufeffVietnamese;English\r\nmáy quạt hòm;winnower\r\n"),
        ("a.csv", '# by hand\n"máy quạt hòm","winnower"\n\n'),
        ("a.tsv", "máy quạt hòm\twinnower\tagriculture\n"),
        ("a.TSV", "# nothing here\nma\u0301y qua\u0323t ho\u0300m\t winnower "),
    ],
)
def test_reads_tables(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    assert pairs(path) == [("máy quạt hòm", "winnower")]


def test_refused_rows_say_why(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    lines = "máy", "máy\t–", "máy\tone two three four five six seven eight nine", '5" ống\tpipe', "x\t" + "y" * 121
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [(row.line, row.problem) for row in read_source(path)] == [
        (1, "cells"), (2, "empty"), (3, "too_long"), (4, ""), (5, "too_long")
    ]  # fmt: skip


@pytest.mark.parametrize("zipped", [True, False])
def test_reads_stardict(tmp_path: Path, zipped: bool) -> None:
    path = stardict(tmp_path, zipped=zipped)
    assert set(pairs(path)) == {
        ("máy quạt hòm", "winnower"), ("máy quạt hòm", "grain fan"), ("bừa", "harrow"), ("bừa đĩa răng", "disc harrow"),
    }  # fmt: skip
    assert description_of(path) == "small.ifo; Từ điển nhỏ"


def test_damaged_stardicts_are_refused(tmp_path: Path) -> None:
    path = stardict(tmp_path)
    index = (tmp_path / "small.idx").read_bytes()
    for damaged in (index[:-3], index[:-8] + struct.pack(">II", 0, 2**31)):
        (tmp_path / "small.idx").write_bytes(damaged)
        with pytest.raises(NotAStarDict):
            list(read_source(path))
    (tmp_path / "small.dict.dz").write_bytes(b"not gzip")
    with pytest.raises(NotAStarDict):
        list(read_source(path))
    path.write_text("something else", encoding="utf-8")
    with pytest.raises(NotAStarDict):
        list(read_source(path))


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownDictionary):
        read_source(tmp_path / "a.xlsx")


def test_names_are_file_names() -> None:
    assert dictionary_name("Từ điển Việt – Anh (2024)") == "tu-dien-viet-anh-2024"
    assert dictionary_name("../../etc/passwd") == "etc-passwd"
    assert dictionary_name("…") == ""


def test_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "glossary"
    rows = [SourceRow(n, Entry(vi, "winnower")) for n, vi in enumerate(("máy quạt", "# máy quạt", "Máy  quạt", "máy"))]
    result = write_dictionary(
        folder, "words", [*rows, SourceRow(9, Entry("", "x"), "empty")], source="a\nb", licence="CC0"
    )
    assert (result.taken, result.repeated, result.refused) == (2, 2, 1)
    [described] = list_dictionaries(folder)
    assert (described.name, described.terms, described.source, described.licence) == ("words", 2, "a b", "CC0")
    assert [entry.vietnamese for entry in read_glossary_folder(folder)] == ["máy quạt", "máy"]
    assert write_dictionary(folder, "words", [], source="", licence="").taken == 0
    assert list_dictionaries(folder) == [described]
    for name in ("../words", "other", ""):
        with pytest.raises(NotFound):
            remove_dictionary(folder, name)
    remove_dictionary(folder, "words")
    assert list_dictionaries(folder) == []
    assert list(folder.iterdir()) == []


def test_the_command(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    done = run(args=["glossary", "import", str(stardict(tmp_path)), "--licence", "GPL-2.0"])
    assert done.exit_code == 0
    assert "small: 4 terms, 0 repeated, 0 refused" in done.output
    assert "small\t4\t" in (listed := run(args=["glossary", "list"]).output)
    assert "GPL-2.0" in listed
    [match] = current_glossary().match_vietnamese(["may", "quat", "hom"])
    assert match.translations == ("winnower", "grain fan")
    assert run(args=["glossary", "remove", "small"]).exit_code == 0
    assert run(args=["glossary", "remove", "small"]).exit_code == 1
    bad = tmp_path / "bad.csv"
    bad.write_bytes("máy,x\n".encode("utf-16"))
    assert run(args=["glossary", "import", str(bad)]).exit_code == 1
    assert run(args=["glossary", "import", str(tmp_path / "small.idx")]).exit_code == 1
    assert run(args=["glossary", "list"]).output.count("\t") == 0
