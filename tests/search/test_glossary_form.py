"""The shipped glossary's files: well-formed, without repetition, and of the shape the index can meet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from techmart.rules.text import clean
from techmart.rules.vocabulary import code_list
from techmart.search.analysis import analyse, normalise_word, split_words
from techmart.search.glossary import GLOSSARY_FOLDER, MAX_TERM_WORDS, Entry, read_glossary_folder, shipped_glossary

LEAST_PAIRS = 6000
MOST_LINES = 1200
MOST_CHARACTERS = 120
FILES = sorted(GLOSSARY_FOLDER.glob("*.tsv"))


class Line(NamedTuple):
    """One line that is not a comment, and where it stands."""

    place: str
    cells: list[str]


def lines_of(path: Path) -> list[Line]:
    numbered = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return [Line(f"{path.name}:{number}", text.split("\t")) for number, text in numbered if not text.startswith("#")]


LINES = [line for path in FILES for line in lines_of(path)]


def key(text: str) -> str:
    """The form in which the glossary looks a side up: spellings, case and hyphens are one."""
    return " ".join(normalise_word(word) for word in split_words(text))


def test_there_are_enough_and_all_are_read() -> None:
    assert len(LINES) >= LEAST_PAIRS
    assert len(list(read_glossary_folder(GLOSSARY_FOLDER))) == len(LINES)
    assert len(shipped_glossary()) == len(LINES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_small_and_say_what_they_hold(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES
    assert text.startswith("# ")
    assert text.endswith("\n")
    assert "\r" not in text


def test_every_line_has_three_clean_cells() -> None:
    wrong = [line for line in LINES if len(line.cells) != 3 or not all(line.cells)]
    wrong += [line for line in LINES if any(clean(cell, keep_lines=False) != cell for cell in line.cells)]
    assert wrong == []


def test_domains_are_from_the_list() -> None:
    domains = code_list("glossary_domain")
    assert [line for line in LINES if line.cells[2] not in domains] == []
    assert set(domains) == {line.cells[2] for line in LINES}


def test_terms_are_no_sentences() -> None:
    sides = [(line.place, side) for line in LINES for side in line.cells[:2]]
    assert [row for row in sides if not 1 <= len(split_words(row[1])) <= MAX_TERM_WORDS] == []
    assert [row for row in sides if len(row[1]) > MOST_CHARACTERS] == []


def test_no_pair_stands_twice() -> None:
    counts = Counter((key(line.cells[0]), key(line.cells[1])) for line in LINES)
    assert [pair for pair, count in counts.items() if count > 1] == []


def test_both_sides_analyse_to_terms_of_the_index() -> None:
    """Vietnamese to syllables (x: and f:) or stems, English to stems alone; between words a pair."""
    wrong = []
    for place, (vietnamese, english, _domain) in LINES:
        for side, lang, channels in ((vietnamese, "vi", "xfsp"), (english, "en", "sp")):
            terms = analyse(side, lang)
            shapes = {term[0] for term in terms if term[1] == ":" and len(term) > 2}
            pairs = sum(term[0] == "p" for term in terms)
            if not shapes <= set(channels) or len(shapes) == 0 or pairs < len(split_words(side)) - 1:
                wrong.append((place, side, terms))
    assert wrong == []


def test_english_sides_are_english() -> None:
    """A Vietnamese letter on the right means swapped cells."""
    letters = set("ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
    assert [line for line in LINES if letters & set(line.cells[1].lower())] == []


def test_every_pair_is_found_from_both_sides() -> None:
    """At least by its own words, typed in full; at most eight translations of a term are given."""
    glossary, missed = shipped_glossary(), []
    for entry in (Entry(*line.cells) for line in LINES[::7]):
        there = glossary.match_vietnamese(split_words(entry.vietnamese))
        back = glossary.match_english(split_words(entry.english))
        if len(there) != 1 or len(back) != 1:
            missed.append(entry)
    assert missed == []
