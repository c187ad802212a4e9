"""Keystrokes of Vietnamese input methods that stayed as typed: Telex (`nuwowcs`) and VNI (`nu7o7c1`) → nước."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from techmart.search.vietnamese import fold, is_syllable

_TELEX_TONES: Final = {"f": "\u0300", "s": "\u0301", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES: Final = {"2": "\u0300", "1": "\u0301", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_TELEX_LETTERS: Final = ("aa", "â"), ("ee", "ê"), ("oo", "ô"), ("aw", "ă"), ("ow", "ơ"), ("uw", "ư"), ("dd", "đ")
_VNI_LETTERS: Final = ("a6", "â"), ("e6", "ê"), ("o6", "ô"), ("a8", "ă"), ("o7", "ơ"), ("u7", "ư"), ("d9", "đ")
#: Marks may also be typed at the end of the word: thuongwf, thuong72, dungd.
_LATE: Final = {
    "w": (("uo", "ươ"), ("a", "ă"), ("o", "ơ"), ("u", "ư")),
    "a": (("a", "â"),),
    "e": (("e", "ê"),),
    "o": (("o", "ô"),),
}
_LATE_VNI: Final = {
    "7": (("uo", "ươ"), ("o", "ơ"), ("u", "ư")),
    "8": (("a", "ă"),),
    "6": (("a", "â"), ("e", "ê"), ("o", "ô")),
}
_VOWELS: Final = "aăâeêioôơuưy"
_SHAPE: Final = re.compile(r"[a-zăâêôơưđ]{2,9}[a-z]?|[a-zăâêôơưđ]+\d[a-z\d]*")
_MAX_KEYS: Final = 12


@lru_cache(maxsize=20_000)
def from_keystrokes(word: str) -> str | None:
    """The syllable these keys meant, or None where they mean nothing or the word is one already.

    Several readings are possible in theory; the keys of real typing (a tone anywhere behind its vowel) have one.
    """
    keys = word.lower()
    if len(keys) > _MAX_KEYS or not _SHAPE.fullmatch(keys):
        return None
    has_digits = any(key.isdigit() for key in keys)
    tones, letters, late = (
        (_VNI_TONES, _VNI_LETTERS, _LATE_VNI) if has_digits else (_TELEX_TONES, _TELEX_LETTERS, _LATE)
    )
    for tone_at in [*(place for place in range(len(keys) - 1, 0, -1) if keys[place] in tones), None]:
        rest = keys if tone_at is None else keys[:tone_at] + keys[tone_at + 1 :]
        for shaped in _shapes(rest, letters, late):
            if is_syllable(fold(shaped)) and not any(key.isdigit() for key in shaped):
                found = shaped if tone_at is None else _with_tone(shaped, tones[keys[tone_at]])
                return found if found != keys else None
    return None


def _shapes(keys: str, letters: tuple[tuple[str, str], ...], late: dict[str, tuple[tuple[str, str], ...]]) -> list[str]:
    shaped = keys
    for typed, meant in letters:
        shaped = shaped.replace(typed, meant)
    # uow is ươ, however its w was typed.
    shaped = shaped.replace("uơ", "ươ") if shaped.count("ơ") == 1 and not shaped.endswith("uơ") else shaped
    shapes = [shaped]
    for place in range(len(shaped) - 1, 0, -1):
        for plain, meant in late.get(shaped[place], ()):
            if plain in shaped[:place]:
                shapes.append(shaped[:place].replace(plain, meant, 1) + shaped[place + 1 :])
                break
    if shaped[-1:] in ("d", "9") and shaped.startswith("d"):
        shapes.append(f"đ{shaped[1:-1]}")
    return shapes


def _with_tone(syllable: str, tone: str) -> str | None:
    """The tone on the vowel that carries it; None where there is no vowel to carry one."""
    first = 2 if syllable.startswith(("gi", "qu")) and len(syllable) > 2 and syllable[2] in _VOWELS else 0
    places = [place for place in range(first, len(syllable)) if syllable[place] in _VOWELS]
    if not places:
        return None
    marked = [place for place in places if syllable[place] in "ăâêôơư"]
    if marked:
        at = marked[-1]
    elif len(places) == 1 or (len(places) == 2 and places[-1] == len(syllable) - 1):
        at = places[0]
    else:
        at = places[1]
    return unicodedata.normalize("NFC", syllable[: at + 1] + tone + syllable[at + 1 :])
