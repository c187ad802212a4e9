"""The English interface is complete: every Vietnamese text of templates and code has a translation that fits it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from techmart.web import catalogues

ROOT = Path(catalogues.__file__).resolve().parents[2]
ENGLISH = catalogues.SOURCES / "en/LC_MESSAGES/messages.po"
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


def _strings(text: object) -> list[str]:
    """The forms of an entry: one, or singular and plural."""
    return [str(form) for form in text] if isinstance(text, (list, tuple)) else [str(text)]


def _where(message: Message) -> str:
    return f"{message.id!r} in {', '.join(sorted({name for name, _line in message.locations}))}"


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the templates and the code ask for now."""
    output = tmp_path_factory.mktemp("messages") / "messages.pot"
    arguments = ["pybabel", "-q", "extract", "-F", str(ROOT / "babel.cfg"), "-k", "_l", "-o", str(output), str(ROOT)]
    CommandLineInterface().run(arguments)
    with output.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def english() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def test_every_text_is_translated(used: Catalog, english: Catalog) -> None:
    missing = []
    for message in used:
        if not message.id:
            continue
        found = english.get(message.id)
        if found is None or not all(_strings(found.string)):
            missing.append(_where(message))
    assert missing == [], "run `make messages` and translate what is empty"


def test_placeholders_agree(english: Catalog) -> None:
    wrong = []
    for message in english:
        expected = set(_PLACEHOLDER.findall(" ".join(_strings(message.id))))
        wrong += [
            str(message.id)
            for form in _strings(message.string)
            if message.id and set(_PLACEHOLDER.findall(form)) != expected
        ]
    assert wrong == []


def test_the_catalogue_holds_nothing_obsolete_or_doubtful(english: Catalog) -> None:
    assert list(english.obsolete) == []
    assert [message.id for message in english if message.fuzzy and message.id] == []


def test_no_vietnamese_is_left_in_the_english_texts(english: Catalog) -> None:
    letters = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
    # Examples of what a reader may type stay Vietnamese.
    kept = ("tỷ", "triệu")
    texts = {str(message.id): " ".join(_strings(message.string)) for message in english if message.id}
    assert [text for text in texts.values() if letters.search(text) and not any(word in text for word in kept)] == []


def test_catalogues_are_compiled_once_and_again_after_a_change(tmp_path: Path) -> None:
    sources = _copy(tmp_path / "sources")
    assert catalogues.ready_catalogues(tmp_path / "fallback", sources) == sources
    compiled = sources / "en/LC_MESSAGES/messages.mo"
    first = compiled.stat().st_ino
    catalogues.ready_catalogues(tmp_path / "fallback", sources)
    assert compiled.stat().st_ino == first
    compiled.with_suffix(".po").touch()
    catalogues.ready_catalogues(tmp_path / "fallback", sources)
    assert compiled.stat().st_ino != first
    assert [path.name for path in compiled.parent.iterdir() if path.suffix == ".tmp"] == []


def test_a_read_only_program_folder_leads_to_the_fallback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources, fallback = _copy(tmp_path / "sources"), tmp_path / "fallback"
    compile_one = catalogues._compile

    def refuse_sources(source: Path, compiled: Path) -> None:
        if sources in compiled.parents:
            raise PermissionError(compiled)
        compile_one(source, compiled)

    monkeypatch.setattr(catalogues, "_compile", refuse_sources)
    assert catalogues.ready_catalogues(fallback, sources) == fallback
    assert (fallback / "en/LC_MESSAGES/messages.mo").exists()


def _copy(target: Path) -> Path:
    path = target / "en/LC_MESSAGES/messages.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(ENGLISH.read_bytes())
    return target
