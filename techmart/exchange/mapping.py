"""From a file's columns to our fields: which column feeds which field, and each value in the type the field has."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from techmart.exchange.rows import RawRow

_DEFAULT_PATH = Path(__file__).resolve().parent.parent / "data/import/default_mapping.json"
_KINDS = ("offer", "patent", "demand")
_LISTS = frozenset({"sectors", "ipc", "keywords", "transfer_forms", "wanted_forms", "objects"})
_INTEGERS = frozenset({"trl", "trl_min", "price_min_vnd", "price_max_vnd", "budget_min_vnd", "budget_max_vnd"})
_DATES = frozenset({"filing_on", "publication_on", "grant_on", "maintained_until", "deadline_on"})
_MAXIMUM_CHARACTERS = {"title": 200, "summary": 500, "title_en": 200, "summary_en": 500}
_NUMBER_CHARACTERS = 40
_TEXT_CHARACTERS = 40_000
_LIST_LENGTH = 20


@dataclass(frozen=True)
class ImportRow:
    """A row ready to be stored: typed values by our field names."""

    line: int
    kind: str
    source: str
    source_id: str
    organisation: str
    country: str
    content: Mapping[str, Any]  # Any: text, int, date or list by field


class BadRow(ValueError):
    """The row cannot be stored; the argument says why."""


@dataclass(frozen=True)
class ColumnMapping:
    """What feeds what; see default_mapping.json for the form."""

    kinds: Mapping[str, str]
    fields: Mapping[str, Mapping[str, list[str]]]

    @classmethod
    def load(cls, path: Path | None = None) -> ColumnMapping:
        """The default mapping, with the entries of the file at `path` in front. Raises BadRow for a malformed file."""
        base = json.loads(_DEFAULT_PATH.read_text(encoding="utf-8"))
        extra = json.loads(path.read_text(encoding="utf-8")) if path else {}
        if not isinstance(extra, dict):
            raise BadRow("a mapping is a JSON object with kinds, common, offer, patent, demand")
        fields = {
            part: {**base[part], **{name: _words(value) for name, value in extra.get(part, {}).items()}}
            for part in ("common", *_KINDS)
        }
        return cls({**base["kinds"], **extra.get("kinds", {})}, fields)

    def convert(self, row: RawRow, *, kind: str | None = None) -> ImportRow:
        """The typed row; raises BadRow naming the first thing that is wrong."""
        if row.problem:
            raise BadRow(row.problem)
        listing_kind = kind or self.kinds.get(str(row.values.get("kind", "")).strip().lower(), "")
        if listing_kind not in _KINDS:
            raise BadRow(f"kind {row.values.get('kind')!r} is none of offer, patent, demand; give --kind or a mapping")
        values = self._pick(row, listing_kind)
        for name in ("title", "source_id"):
            if not values.get(name):
                raise BadRow(f"{name} is missing")
        lang = str(values.pop("lang", "") or "vi")[:2].lower()
        return ImportRow(
            line=row.line,
            kind=listing_kind,
            source=str(values.pop("source", "") or "import")[:60],
            source_id=str(values.pop("source_id"))[:200],
            organisation=str(values.pop("organisation", "") or ""),
            country=str(values.pop("country", "") or "VN")[:2].upper(),
            content={**values, "lang": lang if lang in ("vi", "en") else "en"},
        )

    def _pick(self, row: RawRow, kind: str) -> dict[str, Any]:  # Any: typed by field
        picked: dict[str, Any] = {}
        for name, columns in {**self.fields["common"], **self.fields[kind]}.items():
            value = next(
                (row.values[column] for column in columns if row.values.get(column) not in (None, "", [], {})), None
            )
            if value is not None:
                picked[name] = _typed(name, value)
        title = picked.get("title", "")
        if len(title) > _MAXIMUM_CHARACTERS["title"]:
            picked["title"] = _shorten(title, _MAXIMUM_CHARACTERS["title"])
            picked["summary"] = picked.get("summary") or _shorten(title, _MAXIMUM_CHARACTERS["summary"])
        return picked


def _typed(name: str, value: Any) -> Any:  # Any: a cell in, a typed value out
    if name in _LISTS:
        return [_text(item)[:80] for item in _words(value) if _text(item)][:_LIST_LENGTH]
    if name in _INTEGERS:
        return _integer(name, value)
    if name in _DATES:
        return _date(name, value)
    text = "; ".join(_text(item) for item in value) if isinstance(value, list) else _text(value)
    if name == "title":
        return text
    if name.endswith("_number"):
        return text[:_NUMBER_CHARACTERS]
    return _shorten(text, _MAXIMUM_CHARACTERS.get(name, _TEXT_CHARACTERS))


def _words(value: Any) -> list[Any]:  # Any: a list, or text with separators
    return value if isinstance(value, list) else [part for part in re.split(r"[;|]", str(value)) if part.strip()]


def _text(value: Any) -> str:  # Any: a cell
    text = unicodedata.normalize("NFC", str(value))
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return kept.strip()


def _integer(name: str, value: Any) -> int | None:  # Any: a cell
    text = re.sub(r"[\s.,](?=\d{3}\b)", "", str(value).strip())
    if not re.fullmatch(r"\d{1,15}(\.0+)?", text):
        raise BadRow(f"{name} is not a whole number: {str(value)[:40]!r}")
    number = int(text.split(".")[0])
    if name in ("trl", "trl_min") and not 1 <= number <= 9:
        raise BadRow(f"{name} is {number}; it runs from 1 to 9")
    return number


_DATE_FORMS: tuple[tuple[str, Callable[[re.Match[str]], tuple[int, int, int]]], ...] = (
    (r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", lambda m: (int(m[1]), int(m[2]), int(m[3]))),
    (r"(\d{1,2})/(\d{1,2})/(\d{4})", lambda m: (int(m[3]), int(m[2]), int(m[1]))),
    (r"(\d{4})", lambda m: (int(m[1]), 1, 1)),
)


def _date(name: str, value: Any) -> date:  # Any: a cell
    text = str(value).strip()
    for pattern, parts in _DATE_FORMS:
        if match := re.fullmatch(pattern, text):
            try:
                return date(*parts(match))
            except ValueError:
                break
    raise BadRow(f"{name} is not a date: {text[:40]!r}")


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
