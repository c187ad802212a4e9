"""The operator's dictionaries: plain files of term pairs in a folder, with their origin and licence in the first lines.

Large dictionaries come under licences of their own and change as a whole, so they are files beside the database, which
the search reads after the shipped terms. A file is replaced in one step; readers never see half of one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from techmart.errors import NotFound
from techmart.exchange.glossary_source import SourceRow
from techmart.rules.clock import utc_now
from techmart.rules.text import clean, slugify
from techmart.search.analysis import normalise_word, split_words

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HEADER: Final = re.compile(r"# (source|licence|imported|terms): (.*)")
_REPORTED: Final = 20


@dataclass(frozen=True)
class Dictionary:
    """One dictionary in the folder; `imported` is an ISO day, all texts may be empty."""

    name: str
    terms: int
    source: str
    licence: str
    imported: str


@dataclass
class Imported:
    """What became of the rows; `problems` holds the first refused ones."""

    taken: int = 0
    repeated: int = 0
    refused: int = 0
    problems: list[SourceRow] = field(default_factory=list)


def dictionary_name(text: str) -> str:
    """A file name made of letters, digits and hyphens; empty when nothing of the text fits."""
    name = slugify(text)[:40].strip("-")
    return name if _NAME.fullmatch(name) else ""


def write_dictionary(folder: Path, name: str, rows: Iterable[SourceRow], *, source: str, licence: str) -> Imported:
    """Write `folder/name.tsv` anew from usable rows, each pair once. Writes nothing when no row was usable."""
    result, seen, lines = Imported(), set[tuple[str, str]](), list[str]()
    for row in rows:
        if row.problem:
            result.refused += 1
            if len(result.problems) < _REPORTED:
                result.problems.append(row)
            continue
        key = _key(row.entry.vietnamese), _key(row.entry.english)
        if key in seen:
            result.repeated += 1
            continue
        seen.add(key)
        # A leading # would make the line a comment.
        lines.append("\t".join((row.entry.vietnamese.lstrip("# "), row.entry.english, row.entry.domain)).rstrip("\t"))
    result.taken = len(lines)
    if lines:
        today = utc_now().date().isoformat()
        head = {"source": source, "licence": licence, "imported": today, "terms": str(len(lines))}
        texts = [f"# {key}: {clean(value, keep_lines=False)}" for key, value in head.items()]
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}"
        try:
            draft.write_text("\n".join([*texts, *lines]) + "\n", encoding="utf-8")
            draft.replace(folder / f"{name}.tsv")
        finally:
            draft.unlink(missing_ok=True)
    return result


def list_dictionaries(folder: Path) -> list[Dictionary]:
    """All dictionaries, by name."""
    return [_describe(path) for path in sorted(folder.glob("*.tsv"))]


def remove_dictionary(folder: Path, name: str) -> None:
    """Delete a dictionary. Raises NotFound."""
    path = folder / f"{name}.tsv"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound
    path.unlink()


def _describe(path: Path) -> Dictionary:
    head: dict[str, str] = {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            if not (found := _HEADER.fullmatch(line.rstrip("\n"))):
                break
            head[found[1]] = found[2]
    terms = head.get("terms", "")
    return Dictionary(
        name=path.stem,
        terms=int(terms) if terms.isdigit() else 0,
        source=head.get("source", ""),
        licence=head.get("licence", ""),
        imported=head.get("imported", ""),
    )


def _key(text: str) -> str:
    return " ".join(normalise_word(word) for word in split_words(text))
