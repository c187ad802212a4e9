"""Vietnamese text: cleaning, folding, one placement of tones, sorting, slugs, file names, word differences."""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import lru_cache

_KEPT_CONTROLS = "\n\t"
_WORDS = re.compile(r"\s+|[^\s\w]|\w+")

#: Vowel nuclei written with the tone on the first letter (old style) → the same with the tone on the second (new style).
_TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_OLD_STYLE = re.compile(rf"([oO])([{_TONE_MARKS}])([aAeE])(?!\w)|([uU])([{_TONE_MARKS}])([yY])(?!\w)")


def clean(text: str, *, keep_lines: bool = True) -> str:
    """NFC, without control characters, zero-width and direction marks; outer blanks removed.

    Lone surrogates, which no encoder takes, are removed as well. Line ends become `\\n`, or a blank when not `keep_lines`.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(
        c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return kept.strip() if keep_lines else " ".join(kept.split())


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower case without diacritics, đ as d: what somebody types who types no accents."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def unify_tones(text: str) -> str:
    """The new placement for the old one (hòa → hoà, thủy → thuỷ), so that both spellings are one. `quý` stays."""
    decomposed = unicodedata.normalize("NFD", text)

    def moved(match: re.Match[str]) -> str:
        first, tone, second = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
        before = decomposed[match.start() - 1 : match.start()].lower()
        if before == "q":
            return match[0]
        return f"{first}{second}{tone}"

    return unicodedata.normalize("NFC", _OLD_STYLE.sub(moved, decomposed))


_ALPHABET = {letter: rank for rank, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", start=1)}
_TONE_RANK = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Vietnamese alphabetical order: letters a ă â … đ … first, tones (ngang huyền hỏi ngã sắc nặng) decide between equals."""
    letters: list[int] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", text).lower():
        decomposed = unicodedata.normalize("NFD", character)
        tone = next((mark for mark in decomposed if mark in _TONE_RANK), "")
        letter = unicodedata.normalize("NFC", decomposed.replace(tone, "")) if tone else character
        letters.append(_ALPHABET.get(letter, 100 + ord(letter[0]) if letter else 0))
        tones.append(_TONE_RANK.get(tone, 0))
    return tuple(letters), tuple(tones)


def slugify(text: str) -> str:
    """`Đề án số 1` → `de-an-so-1`; may be empty."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def safe_filename(name: str, *, maximum: int = 120) -> str:
    """The name to show for an upload: Vietnamese letters kept, no path, no control or quote characters, ending kept."""
    name = clean(name, keep_lines=False).replace("\\", "/").rsplit("/", 1)[-1]
    name = re.sub(r'[<>:"|?*\x00-\x1f]', "_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    ending = ending[:10]
    stem = (stem or "tep")[: maximum - len(ending) - 1]
    return f"{stem}.{ending}" if ending else stem


def truncate(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word where possible, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > limit * 2 // 3 else cut).rstrip(" ,.;:") + "…"


def word_difference(old: str, new: str) -> list[tuple[str, str]]:
    """What changed, by words: a list of (`same` | `added` | `removed`, text).

    Changed words with nothing but a blank between them are one change: a reader compares phrases, not every other word.
    """
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    parts: list[tuple[str, str]] = []
    removed = added = ""
    opcodes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for place, (operation, i1, i2, j1, j2) in enumerate(opcodes):
        out, into = "".join(before[i1:i2]), "".join(after[j1:j2])
        is_between = bool(removed or added) and place + 1 < len(opcodes)
        if operation != "equal" or (is_between and out.isspace()):
            removed, added = removed + out, added + into
            continue
        parts += [(kind, text) for kind, text in (("removed", removed), ("added", added)) if text]
        parts.append(("same", out))
        removed = added = ""
    return parts + [(kind, text) for kind, text in (("removed", removed), ("added", added)) if text]
