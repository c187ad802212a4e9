"""The terms a listing speaks in, found only where a text holds what is looked for: what the glossary or an author's keywords know.

A phrase is what people read: several syllables in Vietnamese, where one alone says nothing; elsewhere a single word as well.
Runs of words that nobody calls a term are left out: half of them are cut in the middle of something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from techmart.matching.profile import Profile
from techmart.matching.side_by_side import pairs_of, strict_terms
from techmart.rules.vocabulary import find_place
from techmart.search.analysis import analyse, is_vietnamese, split_words, stem
from techmart.search.glossary import GLOSSARY_FOLDER, Glossary, Match, normalised, read_glossary_folder
from techmart.search.query_terms import stop_words
from techmart.search.vietnamese import fold, is_syllable

#: What a listing says of its subject. Whom it looks for, what it is called and what it cannot do is not to be copied.
_FIELDS: Final = (
    "title", "summary", "title_en", "summary_en", "keywords", "problem", "material", "method", "efficacy_target", "product",
    "application", "how_it_works", "advantage", "abstract", "claims", "capability",
)  # fmt: skip
_HEADLINES: Final = ("title", "title_en", "keywords")
_CLAUSE_END: Final = re.compile(r"[;:()\[\]\"“”!?•–—\n]|[.,](?!\d)|\s[-/]\s")
_MOST_WORDS: Final = 5
#: Letters of a single word, and of one in capitals.
_SHORTEST: Final = 5
_SHORTEST_INITIALS: Final = 3
_TEXTS_REMEMBERED: Final = 512
_CLAUSES_REMEMBERED: Final = 20_000
#: Domains of the glossary that name no technology.
_EVERYDAY_DOMAINS: Final = frozenset(
    "general people law economy geography culture history sport research mathematics physics".split()
)


class Clause(NamedTuple):
    """Words between two marks, and their index terms."""

    words: tuple[str, ...]
    terms: frozenset[str]
    is_vietnamese: bool


@dataclass(frozen=True)
class Said:
    """A profile's texts of its subject, clause by clause, and all their terms."""

    clauses: tuple[Clause, ...]
    terms: frozenset[str]


@dataclass(frozen=True)
class Phrase:
    """Words as written; `key`: the same for all their spellings and forms; `into`: what the glossary translates them by;
    `terms`: the pairs of neighbours that a text has to hold, or those of a single word, of which one is enough."""

    words: tuple[str, ...]
    key: str
    lang: str
    into: tuple[str, ...]
    terms: tuple[str, ...]


def said_by(profile: Profile) -> Said:
    """What a profile says of its subject, remembered: the same listings are the counterparts of many."""
    return _said(tuple(text for name in _FIELDS if (text := profile.texts.get(name))), profile.lang)


def headline_of(profile: Profile) -> frozenset[str]:
    """The terms of a profile's titles and keywords."""
    return _said(tuple(text for name in _HEADLINES if (text := profile.texts.get(name))), profile.lang).terms


def phrases_of(said: Said, sought: AbstractSet[str], glossary: Glossary | None) -> Iterator[Phrase]:
    """The glossary's terms and single words made of `sought` terms, in the order of the text, as often as they stand there."""
    for clause in said.clauses:
        if not clause.terms.isdisjoint(sought):
            for phrase in _phrases_in(clause.words, "vi" if clause.is_vietnamese else "en", glossary):
                if not sought.isdisjoint(phrase.terms):
                    yield phrase


def keywords_of(profile: Profile, sought: AbstractSet[str], glossary: Glossary | None) -> Iterator[Phrase]:
    """What the author himself calls his terms, those of several words that hold a `sought` one."""
    for text in profile.texts.get("keywords", "").split(";"):
        words = tuple(split_words(text))
        if 1 < len(words) <= _MOST_WORDS and not sought.isdisjoint(pairs_of(words)):
            lang = "vi" if is_vietnamese(text) else "en"
            known = [match for match in _known(words, lang, glossary) if match.end - match.start == len(words)]
            if _says_something(words, lang, is_known=True):
                yield _phrase(words, lang, known[0].translations if known else ())


@lru_cache(maxsize=_TEXTS_REMEMBERED)
def _said(texts: tuple[str, ...], lang: str) -> Said:
    clauses: list[Clause] = []
    for text in texts:
        in_vietnamese = is_vietnamese(text) or (lang == "vi" and not text.isascii())
        analysed_as = "vi" if in_vietnamese else lang
        clauses += [
            Clause(words, frozenset(analyse(part, analysed_as)), in_vietnamese)
            for part in _CLAUSE_END.split(text)
            if (words := tuple(split_words(part)))
        ]
    return Said(tuple(clauses), frozenset[str]().union(*(clause.terms for clause in clauses)))


@lru_cache(maxsize=_CLAUSES_REMEMBERED)
def _phrases_in(words: tuple[str, ...], lang: str, glossary: Glossary | None) -> tuple[Phrase, ...]:
    found: list[Phrase] = []
    at = 0
    for match in (*_known(words, lang, glossary), Match(len(words), len(words), ())):
        runs: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
            (words[place : place + 1], ()) for place in range(at, match.start)
        ]
        runs.append((words[match.start : match.end], match.translations))
        found += [
            _phrase(run, lang, into) for run, into in runs if run and _says_something(run, lang, is_known=bool(into))
        ]
        at = match.end
    return tuple(found)


def _known(words: tuple[str, ...], lang: str, glossary: Glossary | None) -> Sequence[Match]:
    if glossary is None:
        return ()
    return glossary.match_vietnamese(words) if lang == "vi" else glossary.match_english(words)


def _phrase(words: tuple[str, ...], lang: str, into: Sequence[str]) -> Phrase:
    return Phrase(words, _key(words, lang), lang, tuple(into), tuple(pairs_of(words)) or strict_terms(words[0]))


def _says_something(run: Sequence[str], lang: str, *, is_known: bool) -> bool:
    """No function words at its ends, no numbers, no place, nothing of everyday speech.

    `is_known`: to the glossary or its author as a term; initials like ISO and VND have to be, as PLC is.
    """
    stops = stop_words("vi_long" if lang == "vi" else lang)
    if normalised(run[0]) in stops or normalised(run[-1]) in stops or any(word[0].isdigit() for word in run):
        return False
    if len(run) == 1:
        fewest = _SHORTEST if run[0][1:].islower() else _SHORTEST_INITIALS
        if len(run[0]) < _SHORTEST and run[0].isupper() and not is_known:
            return False
        if len(run[0]) < fewest or is_syllable(fold(run[0].lower())):
            return False
    return not is_everyday(run, lang) and find_place(" ".join(run)) is None


def is_everyday(words: Sequence[str], lang: str) -> bool:
    """Whether the glossary knows them as words of everyday speech and in no field of technology."""
    return _key(words, lang) in _everyday()


def _key(words: Sequence[str], lang: str) -> str:
    if lang == "vi":
        return " ".join(normalised(word) for word in words)
    return " ".join(stem(fold(normalised(word))) for word in words)


@lru_cache(maxsize=1)
def _everyday() -> frozenset[str]:
    """Keys of what the glossary has in no domain of technology."""
    keys: dict[bool, set[str]] = {True: set(), False: set()}
    for entry in read_glossary_folder(GLOSSARY_FOLDER):
        for words, lang in ((entry.vietnamese, "vi"), (entry.english, "en")):
            keys[entry.domain in _EVERYDAY_DOMAINS].add(_key(split_words(words), lang))
    return frozenset(keys[True] - keys[False])
