"""From typed words to groups of index terms: the forms of each word, neighbours as pairs, and translations.

Vietnamese words are asked for as written and folded; words of a text without any accents as folded and, since they may be
English, as stems. A phrase the glossary knows adds its translations to the groups of its own words, so that a document in
the other language meets them too. Weights: weights.QUERY.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from techmart.search.analysis import is_vietnamese, normalise_word, pair_part, pair_term, split_words, stem, word_terms
from techmart.search.glossary import Glossary, normalised
from techmart.search.request import Group, Term
from techmart.search.vietnamese import fold, is_syllable, lost_its_accents
from techmart.search.weights import QUERY

_STOP_WORDS_PATH: Final = Path(__file__).resolve().parent.parent / "data" / "reference" / "stop_words.tsv"


@dataclass(frozen=True, slots=True)
class Translation:
    """A phrase of the query and what it was also searched as."""

    phrase: str
    into: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordPlan:
    """Groups for the engine; `words` are the written words that count, `lang` what the text was taken for."""

    groups: tuple[Group, ...]
    words: tuple[str, ...]
    translations: tuple[Translation, ...]
    lang: str


_Plans = dict[tuple[str, str | None, bool], WordPlan]
_PLANS: Final[WeakKeyDictionary[Glossary, _Plans]] = WeakKeyDictionary()
_PLANS_WITHOUT: Final[_Plans] = {}
_PLANS_KEPT: Final = 500
_REMEMBERED_CHARS: Final = 400
# What words and phrases become is remembered, whatever text they stand in; some 30 MB at most.
_REMEMBERED: Final = 50_000


def plan_words(
    text: str, glossary: Glossary | None = None, *, lang: str | None = None, is_long: bool = False
) -> WordPlan:
    """The groups of a text. `lang`: vi, en or None to find out; `glossary`: None leaves translation out.

    `is_long`: a whole description rather than a query; its Vietnamese function words are left out as well.
    Plans of short texts are remembered, for as long as their glossary lives: pages, filters and feeds ask for them again.
    """
    if len(text) > _REMEMBERED_CHARS:
        return _plan(text, glossary, lang, is_long)
    plans = _PLANS.setdefault(glossary, {}) if glossary is not None else _PLANS_WITHOUT
    key = text, lang, is_long
    plan = plans.get(key)
    if plan is None:
        if len(plans) >= _PLANS_KEPT:
            plans.clear()
        plan = plans[key] = _plan(text, glossary, lang, is_long)
    return plan


def _plan(text: str, glossary: Glossary | None, lang: str | None, is_long: bool) -> WordPlan:
    words = split_words(text)
    lang = lang or language_of(text, words)
    stops = stop_words("vi_long" if is_long and lang == "vi" else lang)
    keeps = [normalised(word) not in stops for word in words]
    if not any(keeps):
        keeps = [True] * len(words)
    forms = [list(_forms(word, lang)) if kept else [] for word, kept in zip(words, keeps, strict=True)]
    translations: list[Translation] = []
    if glossary is not None:
        matches = glossary.match_english(words) if lang == "en" else glossary.match_vietnamese(words)
        for match in matches:
            inside = [place for place in range(match.start, match.end) if keeps[place]]
            if inside:
                chosen = match.translations[: QUERY.translations_per_phrase]
                translations.append(Translation(" ".join(words[match.start : match.end]), chosen))
                # Shared out among the phrase's own words.
                stand_ins = _stand_ins(chosen, len(inside), "vi" if lang == "en" else "en", is_long)
                for place in inside:
                    forms[place] += stand_ins
    written_in = "en" if lang == "en" else "vi"
    groups = [_group(tuple(terms), written_in) for terms in forms if terms]
    groups += _pairs(words, keeps, written_in)
    shown = tuple(word for word, kept in zip(words, keeps, strict=True) if kept)
    return WordPlan(tuple(groups), shown, tuple(translations), lang)


def language_of(text: str, words: Sequence[str]) -> str:
    """`vi` with accents, `plain` for what may be Vietnamese typed without them, else `en`."""
    if is_vietnamese(text):
        return "vi"
    folded = [fold(word.lower()) for word in words]
    syllables = sum(is_syllable(word) for word in folded)
    if syllables == len(words) and words:
        return "plain"
    if any(lost_its_accents(word) for word in folded) and syllables > QUERY.plain_share * len(words):
        return "plain"
    return "en"


@lru_cache(maxsize=4)
def stop_words(lang: str) -> frozenset[str]:
    """Words too common to ask for, normalised; only question and function words of the list's own language."""
    words: set[str] = set()
    for line in _STOP_WORDS_PATH.read_text(encoding="utf-8").splitlines():
        language, _, text = line.partition("\t")
        if language == lang:
            words |= {normalise_word(word) for word in text.split()}
    return frozenset(words)


@lru_cache(maxsize=_REMEMBERED)
def _forms(word: str, lang: str) -> tuple[Term, ...]:
    terms = word_terms(word, lang == "en")
    if lang == "en":
        return tuple(Term(text) for text in terms if text[0] == "s") or tuple(Term(text) for text in terms)
    if lang == "plain":
        # Without accents the exact channel holds only words that never had any; asking it would favour those.
        kept = tuple(
            Term(text, QUERY.plain_stem if text[0] == "s" and len(terms) > 1 else 1.0)
            for text in terms
            if text[0] in "fs"
        )
        return kept or tuple(Term(text) for text in terms)
    weights = {"x": QUERY.exact, "f": QUERY.folded, "s": QUERY.stem_in_vietnamese if len(terms) > 1 else 1.0, "p": 1.0}
    return tuple(Term(text, weights[text[0]]) for text in terms)


@lru_cache(maxsize=_REMEMBERED)
def _stand_ins(chosen: tuple[str, ...], words: int, into: str, is_long: bool) -> tuple[Term, ...]:
    """Translations, and the pairs of their words, as each of the `words` words of their phrase asks for them."""
    # In a description syllables by themselves are noise: among so many, any long Vietnamese text has some. Parts of English
    # compounds say more there than in a query, since the rest of the text bears them out.
    part = QUERY.translated_part_of_text if is_long else QUERY.translated_part
    syllable = QUERY.translated_syllable_of_text if is_long else QUERY.translated_syllable
    terms: list[Term] = []
    for rank, phrase in enumerate(chosen):
        first = QUERY.translation if into == "en" else QUERY.translation_into_vietnamese
        weight = first * QUERY.translation_decay**rank
        written = split_words(phrase)
        parts = [_part(word) for word in written]
        if into == "en":
            singles = [
                f"s:{stem(fold(normalised(word)))}" for word in written if normalised(word) not in stop_words("en")
            ]
            each = weight if len(singles) == 1 else weight * part
        else:
            singles = [text for word in written for text in word_terms(word, False) if text[0] in "xs"]
            each = weight if len(written) == 1 else weight * syllable
        share = each * QUERY.phrase_gain / words
        pairs = [pair_term(left, right) for left, right in pairwise(parts)]
        strength = weight * (QUERY.translated_pair_vi if into == "vi" else QUERY.translated_pair)
        pair_share = strength / max(len(pairs), 1) / words
        terms += [Term(text, share, stands_in=True) for text in singles]
        terms += [Term(text, pair_share, stands_in=True) for text in pairs]
    return tuple(terms)


def _pairs(words: Sequence[str], keeps: Sequence[bool], lang: str) -> list[Group]:
    parts = [_part(word) for word in words]
    return [
        _pair_group(parts[place], parts[place + 1], lang)
        for place in range(len(words) - 1)
        if keeps[place] and keeps[place + 1]
    ]


@lru_cache(maxsize=_REMEMBERED)
def _part(word: str) -> str:
    return pair_part(normalised(word))


@lru_cache(maxsize=_REMEMBERED)
def _pair_group(left: str, right: str, lang: str) -> Group:
    return Group((Term(pair_term(left, right)),), counts=False, lang=lang)


@lru_cache(maxsize=_REMEMBERED)
def _group(terms: tuple[Term, ...], lang: str) -> Group:
    """One entry a text, with its largest weight."""
    best: dict[str, Term] = {}
    for term in terms:
        if term.text not in best or best[term.text].weight < term.weight:
            best[term.text] = term
    return Group(tuple(best.values()), lang=lang)
