"""What a typed query says beyond its words: identifiers, phrases, exclusions, TRL, price, place, sector.

Pure and safe: patterns without nested repetition over at most MAX_CHARS characters, so no text can hang it or raise.
Each piece can be switched off by its kind (a chip's ×); its text then counts as plain words again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from techmart.rules.identifiers import (
    identifier_forms,
    ipc_ancestors,
    parse_ipc,
    parse_listing_code,
    parse_patent_number,
)
from techmart.rules.text import clean, fold, unify_tones
from techmart.rules.vocabulary import find_place, find_sector, ipc_symbols
from techmart.search.bounds import Bound, price_bounds, readiness_bounds

MAX_CHARS: Final = 1_000
#: Longer texts are questions or pasted sentences: a province or quotation in them is a word like any other.
_MAX_WORDS_WITH_PLACE: Final = 8
_MAX_WORDS_WITH_PHRASE: Final = 12
_LONGEST_NAME: Final = 5
#: Each exclusion is looked up in the index and each piece is a chip; more of a kind than this is no query of a person.
_MOST_OF_A_KIND: Final = 12
#: Stands where a piece was; no pattern reads across it, and `clean` lets none be typed.
_TAKEN: Final = "\x00"

Finder = Callable[[str, str], Iterator["Piece"]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the query that was understood. kind: identifier | phrase | excluded | trl | price | place | sector.

    `values`: index terms (identifier), codes (place: province code, former name or "", name as typed; sector: code), or the text itself.
    `low`, `high`: inclusive bounds (TRL levels, đồng). `is_certain`: an identifier that can be nothing else, so that the
    honest answer is "nobody has it" where nobody does.
    """

    kind: str
    text: str
    start: int
    end: int
    values: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    is_certain: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """The pieces in the order typed, and the words that remain."""

    text: str
    pieces: tuple[Piece, ...]
    words: str

    def of(self, kind: str) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind == kind]


def understand(typed: str, *, off: Sequence[str] = ()) -> Understanding:
    """Read a query. `off` names kinds of pieces to leave as words. Never raises."""
    text = clean(typed, keep_lines=False)[:MAX_CHARS]
    folded = _fold_aligned(text)
    if "identifier" not in off and (piece := _identifier(text)):
        return Understanding(text, (piece,), text)
    pieces: list[Piece] = []
    rest = text  # what no piece has taken, in its place
    for kind, finder in _FINDERS:
        if kind in off:
            continue
        for piece in finder(rest, folded):
            if _TAKEN not in rest[piece.start : piece.end]:
                if sum(known.kind == kind for known in pieces) < _MOST_OF_A_KIND:
                    pieces.append(piece)
                elif kind == "phrase":
                    continue  # its words are asked for without their order
                gone = _TAKEN * (piece.end - piece.start)
                rest = f"{rest[: piece.start]}{gone}{rest[piece.end :]}"
                folded = f"{folded[: piece.start]}{gone}{folded[piece.end :]}"
    words = " ".join(rest.replace(_TAKEN, " ").split())
    may_name_sector = "sector" not in off and words and not any(piece.kind == "sector" for piece in pieces)
    if may_name_sector and (sector := find_sector(words)):
        at = text.find(words)
        pieces.append(Piece("sector", words, max(at, 0), max(at, 0) + len(words), (sector.code,)))
        # The name stays among the words: within the sector, listings that say it come first.
    return Understanding(text, tuple(sorted(pieces, key=lambda piece: piece.start)), words)


def _fold_aligned(text: str) -> str:
    """Folded, character for character, so that positions agree."""
    return "".join(one if len(one := fold(character)) == 1 else character for character in text)


_LEAD: Final = re.compile(
    r"^(?:(mst|ma so thue|so don|so bang|bang so|don so|ipc|tax code|application|patent)|so|ma)[\s:.]+"
)
#: Numbers whose written form belongs to nothing else.
_CERTAIN: Final = frozenset(("application", "grant", "pct"))


def _identifier(text: str) -> Piece | None:
    """The whole query as a number, code or IPC symbol."""
    lead = _LEAD.match(_fold_aligned(text))
    bare = text[lead.end() :] if lead else text
    if len(bare) > 40 or not any(character.isdigit() for character in bare):
        return None
    symbol = parse_ipc(bare)
    if (
        symbol
        and len(symbol) >= 3
        and (symbol[:4] in ipc_symbols() or (len(symbol) == 3 and symbol in ipc_symbols() and bare.isupper()))
    ):
        levels = [level for level in ipc_ancestors(symbol) if len(level) >= min(4, len(symbol))]
        values = tuple(f"i:ipc:{level}" for level in reversed(levels))
        return Piece("identifier", text, 0, len(text), values, is_certain="/" in symbol)
    if not (forms := identifier_forms(bare)):
        return None
    is_certain = bool(
        (lead and lead[1]) or parse_listing_code(bare) or ("-" in bare and parse_patent_number(bare).kind in _CERTAIN)
    )
    return Piece("identifier", text, 0, len(text), tuple(f"i:{form}" for form in forms), is_certain=is_certain)


_PHRASE: Final = re.compile(r'(?<!-)["“”«]([^"“”«»]{2,200})["“”»]')
_EXCLUDED: Final = re.compile(r'(?<!\S)[-−](?:["“”]([^"“”]{2,100})["“”]|([^\W\d_][^\s"]{0,60}))')


def _phrases(text: str, _folded: str) -> Iterator[Piece]:
    if len(text.split()) > _MAX_WORDS_WITH_PHRASE:
        return
    for match in _PHRASE.finditer(text):
        if match[1].strip():
            yield Piece("phrase", match[0], match.start(), match.end(), (match[1].strip(),))


def _exclusions(text: str, _folded: str) -> Iterator[Piece]:
    for match in _EXCLUDED.finditer(text):
        yield Piece("excluded", match[0], match.start(), match.end(), ((match[1] or match[2]).strip(),))


def _readiness(text: str, folded: str) -> Iterator[Piece]:
    return _bounded("trl", readiness_bounds(folded), text)


def _prices(text: str, folded: str) -> Iterator[Piece]:
    return _bounded("price", price_bounds(folded), text)


def _bounded(kind: str, found: Iterator[Bound], text: str) -> Iterator[Piece]:
    for start, end, low, high in found:
        yield Piece(kind, text[start:end].strip(), start, end, (), low, high)


_WORD: Final = re.compile(r"[^\W_]+(?:[.\-–][^\W_]+)*")
_BEFORE_PLACE: Final = frozenset(("tinh", "o", "tai", "tp", "thanh pho", "in", "khu vuc", "dia ban"))
_BEFORE_SECTOR: Final = re.compile(r"(?<!\w)(?:linh vuc|nganh|sector)\s{1,3}")


def _places(text: str, folded: str) -> Iterator[Piece]:
    words = list(_WORD.finditer(text))
    if len(words) > _MAX_WORDS_WITH_PLACE:
        return
    has_accents = fold(text) != text.lower()
    # From the right: a place stands at the end of what is asked ("nuoc thai binh duong" is not about Thái Bình).
    end_word = len(words)
    while end_word:
        for size in range(min(_LONGEST_NAME, end_word), 0, -1):
            first = end_word - size
            start, end = words[first].start(), words[end_word - 1].end()
            lead = _lead(folded, words, first)
            if found := _named_place(text[start:end], needs_accents=has_accents or (size == 1 and lead is None)):
                yield Piece("place", text[start:end], start if lead is None else lead, end, (*found, text[start:end]))
                end_word = first
                break
        else:
            end_word -= 1


def _lead(folded: str, words: Sequence[re.Match[str]], place: int) -> int | None:
    """Where `tỉnh`, `ở`, `tại` … in front of a name begins."""
    for size in (2, 1):
        if place >= size:
            start, end = words[place - size].start(), words[place - 1].end()
            if folded[start:end].strip(".") in _BEFORE_PLACE:
                return start
    return None


def _named_place(typed: str, *, needs_accents: bool) -> tuple[str, str] | None:
    """(province code, former name or empty). Typed accents must agree; a name without any is taken where none are typed."""
    found = find_place(typed)
    if found is None:
        return None
    names = (found.former_name, found.place.vi, found.place.en, *found.place.aliases)
    same = {unify_tones(name).lower() for name in names if name}
    if unify_tones(typed).lower() in same or (not needs_accents and typed.isascii()):
        return found.place.code, found.former_name
    return None


def _sectors(text: str, folded: str) -> Iterator[Piece]:
    for lead in _BEFORE_SECTOR.finditer(folded):
        words = list(_WORD.finditer(text, lead.end()))[:8]
        for size in range(len(words), 0, -1):
            end = words[size - 1].end()
            if sector := find_sector(text[lead.end() : end]):
                yield Piece("sector", text[lead.start() : end], lead.start(), end, (sector.code,))
                break


_FINDERS: Final[tuple[tuple[str, Finder], ...]] = (
    ("excluded", _exclusions),
    ("phrase", _phrases),
    ("trl", _readiness),
    ("price", _prices),
    ("sector", _sectors),
    ("place", _places),
)
