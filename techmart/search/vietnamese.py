"""Spelling facts of written Vietnamese that search leans on: folding, tone placement, i/y, and what can be a syllable.

Everything here works on one lower-case NFC word at a time and is called once per distinct word (analysis caches),
so clearness wins over speed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Letters that only Vietnamese text uses in number; a handful of them in a sentence settles its language.
ACCENTED_LETTERS: Final = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"

# An open "oa", "oe", "uy" may carry its tone on the first vowel (hòa, the older habit) or on the second (hoà).
# The older one is the canonical form because most text and most keyboards still write it.
_TONE_PLACEMENT: Final = dict(
    zip(
        "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ".split(),
        "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy".split(),
        strict=True,
    )
)

# kỹ/kĩ, lý/lí, mỹ/mĩ, sỹ/sĩ, tỷ/tỉ, hy/hi and quý/quí are the same words; i is the form kept.
_Y_TO_I: Final = dict(zip("yỳýỷỹỵ", "iìíỉĩị", strict=True))
_Y_SYLLABLE: Final = re.compile(r"(?:h|k|l|m|s|t|qu)[yỳýỷỹỵ]")

_ONSETS: Final = "ngh ng gh gi kh nh ph qu th tr ch b c d đ g h k l m n p r s t v x".split()
_RHYMES: Final = frozenset(
    (
        "a ac ach ai am an ang anh ao ap at au ay e ec em en eng eo ep et eu i ia ich iec iem ien ieng iep iet ieu "
        "im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong ooc "
        "oong op ot u ua uan uang uat uay uc ue uech uenh ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu "
        "uy uya uych uyen uyet uynh uyp uyt uyu uat uech y yem yen yet yeu yeng ich ech enh uenh uet uen"
    ).split()
)


@lru_cache(maxsize=4096)
def _plain_letter(letter: str) -> str:
    if letter == "đ":
        return "d"
    return "".join(part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part))


def fold(word: str) -> str:
    """Return `word` without tone marks, accents and the bar of đ; lower case in, lower case out."""
    if word.isascii():
        return word
    return "".join(map(_plain_letter, word))


def unify_spelling(word: str) -> str:
    """Return the canonical one of the accepted spellings of a syllable (hoà→hòa, thuỷ→thủy, kỹ→kĩ, quý→quí)."""
    if len(word) <= 3 and _Y_SYLLABLE.fullmatch(word):
        return word[:-1] + _Y_TO_I[word[-1]]
    ending = _TONE_PLACEMENT.get(word[-2:])
    # After q the u belongs to the consonant: "quỳ" has one way to be written.
    if ending is not None and not word.startswith("q"):
        return word[:-2] + ending
    return word


@lru_cache(maxsize=65536)
def is_syllable(folded: str) -> bool:
    """Whether a folded word can be a Vietnamese syllable by its shape (nuoc, thanh: yes; water, digital: no)."""
    if len(folded) > 7 or not folded.isalpha():
        return False
    if folded in _RHYMES:
        return True
    for onset in _ONSETS:
        if folded.startswith(onset):
            rest = folded[len(onset) :]
            if (
                rest in _RHYMES
                or (onset == "gi" and folded[1:] in _RHYMES)
                or (onset == "qu" and "u" + rest in _RHYMES)
            ):
                return True
            if onset == "gi" and rest == "":
                return True
    return False


def all_syllables() -> tuple[str, ...]:
    """Every folded syllable there can be, by shape; a third of them are words."""
    found = set(_RHYMES) | {onset + rhyme for onset in _ONSETS if onset != "đ" for rhyme in _RHYMES}
    return tuple(sorted(found))


@lru_cache(maxsize=65536)
def lost_its_accents(word: str) -> bool:
    """Whether a plain word cannot be correct Vietnamese as it stands, so its writer typed without accents.

    Syllables that end in c, ch, p or t always carry a tone mark, and "uo", "ie", "uye", "ye" always a modified vowel.
    """
    if not word.isascii() or not is_syllable(word):
        return False
    if word.endswith(("c", "ch", "p", "t")):
        return True
    return "uo" in word or "ie" in word or "ye" in word
