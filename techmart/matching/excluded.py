"""Methods a demand does not accept, found in what a technology says of itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from techmart.matching.profile import Profile
from techmart.search.analysis import normalise_word, split_words

#: A longer clause is an explanation, not the name of a method.
_MAX_WORDS: Final = 6
_CLAUSE_END: Final = re.compile(r"[.;,:\n()]| (?:vì|do|bởi|because|since|as|hoặc|hay|và|or|and) ", re.IGNORECASE)
_LEADS: Final = frozenset(
    "không chẳng đừng dùng sử dụng nhận chấp áp các loại phương pháp cách công nghệ no not without use using accept any method methods the".split()
)
_DENIALS: Final = frozenset("không chẳng chưa thay without no not instead".split())
#: How far before the name a denial may stand ("không cần dùng ôzôn").
_DENIED_WITHIN: Final = 3


def unaccepted_methods(wanted: Profile, offered: Profile) -> tuple[str, ...]:
    """Names of methods the needing side excludes and the other's texts speak of without denying them, as typed.

    It is a mention, not a proof: it is shown as a condition not met and takes no points.
    """
    if not wanted.excluded:
        return ()
    texts = [_words(text) for text in offered.texts.values()]
    return tuple(
        name for name in _named_methods(wanted.excluded) if any(_speaks_of(text, _words(name)) for text in texts)
    )


@lru_cache(maxsize=512)
def _named_methods(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for clause in _CLAUSE_END.split(text):
        words = split_words(clause)
        while words and normalise_word(words[0]) in _LEADS:
            words = words[1:]
        if 0 < len(words) <= _MAX_WORDS and len("".join(words)) > 2:
            names.append(" ".join(words))
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=2_048)
def _words(text: str) -> tuple[str, ...]:
    return tuple(normalise_word(word) for word in split_words(text))


def _speaks_of(text: Sequence[str], name: Sequence[str]) -> bool:
    size = len(name)
    return any(
        text[at] == name[0]
        and tuple(text[at : at + size]) == tuple(name)
        and _DENIALS.isdisjoint(text[max(0, at - _DENIED_WITHIN) : at])
        for at in range(len(text) - size + 1)
    )
