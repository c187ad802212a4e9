"""What a text would have to say to be matched better: terms and facts that its best counterparts share and it lacks.

Only words of the counterparts given are named, so the caller gives public ones. It is advice, not truth: whether a term holds
of one's own thing only its owner knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import exp
from typing import Final

from techmart.matching.facts import Finding
from techmart.matching.phrases import Phrase, Said, headline_of, keywords_of, phrases_of, said_by
from techmart.matching.profile import Profile
from techmart.matching.side_by_side import holds, pairs_of, strict_terms
from techmart.matching.terms import profile_terms
from techmart.search.analysis import analyse, split_words
from techmart.search.coherence import coherences
from techmart.search.glossary import Glossary
from techmart.search.snapshot import Snapshot

#: Fewer counterparts may share a term by chance.
FEWEST: Final = 3
SHOWN: Final = 8
#: A term stands so many times more often among the counterparts than in the whole index, or the market says it everywhere.
_LIFT: Final = 2.0
#: What a hundredth of the listings hold as a word, or an eighth as two words side by side, is the subject of too many.
_LEAST_RARITY: Final = {"w": 4.5, "p": 2.0}
#: Of a single word: "proposed" has 0.94, "developed" 1.04, "coating" 1.15.
_LEAST_TOPICALITY: Final = 1.02
_SEVERAL_WORDS: Final = 1.25
#: What lies further off in meaning than this is another subject that some counterparts happen to speak of as well.
_LEAST_COHERENCE: Final = 0.2
_TRANSLATIONS: Final = 4
_TELLING_LETTERS: Final = 7
#: What matches less well than this share of the best speaks of something else.
_LEAST_SHARE_OF_BEST: Final = 0.4


@dataclass(frozen=True)
class LackingTerm:
    """`phrase` as those texts write it, in `lang`; `translation` in the words of one's own language where that is the other.

    `holders`: keys of the counterparts that hold it, in either language.
    """

    phrase: str
    lang: str
    translation: str
    holders: frozenset[str]


@dataclass(frozen=True)
class LackingFact:
    """A part of the score that nothing is known of, though `count` counterparts state their side of it."""

    part: str
    count: int


@dataclass(frozen=True)
class _Candidate:
    phrase: Phrase
    written: str
    holders: frozenset[str]
    weight: float


def lacking_terms(
    snapshot: Snapshot, profile: Profile, glossary: Glossary | None, counterparts: Sequence[tuple[Profile, float]],
    *, limit: int = SHOWN,
) -> list[LackingTerm]:  # fmt: skip
    """The terms that at least FEWEST of `counterparts` (each with how well it matches) hold and the profile does not.

    Weighted by rarity, by how well those match that hold them, by how much they are of a subject and go with the profile's own
    words. What the profile says by a translation, or does not accept, is never among them.
    """
    best = max((strength for _, strength in counterparts), default=0.0)
    counterparts = [row for row in counterparts if row[1] >= _LEAST_SHARE_OF_BEST * best]
    others = [(other.key, said_by(other), strength) for other, strength in counterparts]
    headlines = [headline_of(other) for other, _ in counterparts]
    own = _own_terms(snapshot, profile, glossary)
    sought = _sought(snapshot, [said for _, said, _ in others], own)
    if not sought:
        return []
    found: dict[str, Phrase] = {}
    forms: dict[str, Counter[str]] = {}
    for other, _ in counterparts:
        for phrase in (
            *keywords_of(other, sought.keys(), glossary),
            *phrases_of(said_by(other), sought.keys(), glossary),
        ):
            found.setdefault(phrase.key, phrase)
            forms.setdefault(phrase.key, Counter())[" ".join(phrase.words)] += 1
    own_lang = "en" if profile.lang == "en" else "vi"
    candidates = []
    for key, phrase in found.items():
        wordings = [phrase.words, *(tuple(split_words(text)) for text in phrase.into[:_TRANSLATIONS])]
        if any(_is_said(words, own) for words in wordings) or _is_name(forms[key]):
            continue
        holders = {name: strength for name, said, strength in others if _speaks(wordings, said)}
        # A young index cannot tell words of a subject from words of speech; what an author puts above his text is of it.
        is_subject = snapshot.space is not None or any(holds(phrase.words, headline) for headline in headlines)
        if len(holders) >= FEWEST and is_subject:
            weight = sum(holders.values()) * _worth(snapshot, phrase, sought)
            if weight > 0:
                candidates.append(_Candidate(phrase, _usual(forms[key]), frozenset(holders), weight))
    return _chosen(_coherent(snapshot, profile, glossary, candidates), own_lang, limit)


def lacking_facts(own_side: str, findings: Iterable[Sequence[Finding]]) -> list[LackingFact]:
    """Facts that FEWEST counterparts state and the own side (`wanted` or `offered`) alone leaves out, most often stated first.

    `findings`: of each counterpart.
    """
    counts = Counter(
        finding.part
        for of_one in findings
        for finding in of_one
        if finding.state == "unknown" and finding.missing_on == (own_side,)
    )
    return [LackingFact(part, count) for part, count in counts.most_common() if count >= FEWEST]


def _own_terms(snapshot: Snapshot, profile: Profile, glossary: Glossary | None) -> frozenset[str]:
    """Every term of the profile's own texts, of what they are translated by, and of what a demand does not accept."""
    texts = [*profile.texts.values(), profile.excluded]
    terms = {term for text in texts for lang in ("vi", "en") for term in analyse(text, lang)}
    plans = profile_terms(snapshot, profile, glossary).plans.values()
    terms |= {term.text for plan in plans for group in plan.groups for term in group.terms}
    return frozenset(terms)


def _sought(snapshot: Snapshot, others: Sequence[Said], own: AbstractSet[str]) -> dict[str, float]:
    """Terms (words and pairs) that enough of the others hold, more of them than of the index, and the own text does not →
    their rarity."""
    counts = Counter(term for said in others for term in said.terms if term[0] in "xsp")
    shared = [term for term, count in counts.items() if count >= FEWEST and term not in own]
    known = dict(zip(shared, snapshot.document_counts(shared).tolist(), strict=True))
    rarities = {term: snapshot.rarity(term, count) for term, count in known.items()}
    # exp(-rarity) is about the share of documents that hold the term.
    return {
        term: rarity
        for term, rarity in rarities.items()
        if rarity >= min(_LEAST_RARITY["p" if term[0] == "p" else "w"], snapshot.rarity(term, FEWEST + 1))
        and counts[term] / len(others) >= _LIFT * exp(-rarity)
    }


def _is_said(words: Sequence[str], own: AbstractSet[str]) -> bool:
    """Whether the own text holds the words side by side, or all of them and most of their neighbourhoods, whatever the order."""
    if holds(words, own):
        return True
    if len(words) < 2 or not all(any(term in own for term in strict_terms(word)) for word in words):
        return False
    pairs, turned = pairs_of(words), pairs_of(words[::-1])[::-1]
    return 2 * sum(one in own or other in own for one, other in zip(pairs, turned, strict=True)) >= len(pairs)


def _speaks(wordings: Sequence[Sequence[str]], said: Said) -> bool:
    # A translation of one syllable or a few letters would be met by chance.
    return any(
        holds(words, said.terms)
        for place, words in enumerate(wordings)
        if not place or len(words) > 1 or len(words[0]) >= _TELLING_LETTERS
    )


def _is_name(forms: Counter[str]) -> bool:
    """Whether it is written with capitals alone, as places, firms and people are; not so what is all capitals, as PLC."""
    return all(all(word[0].isupper() and word[1:].islower() for word in form.split()) for form in forms)


def _usual(forms: Counter[str]) -> str:
    """The way it is written most, small letters before capitals; a capital that only begins a sentence is made small."""
    written = min(forms, key=lambda form: (not form.islower(), -forms[form], form))
    first = written.split()[0]
    return written[0].lower() + written[1:] if first[1:].islower() else written


def _worth(snapshot: Snapshot, phrase: Phrase, sought: Mapping[str, float]) -> float:
    """What naming it is worth; 0 for a single word that is none of a subject."""
    rarity = max(sought.get(term, 0.0) for term in phrase.terms)
    if len(phrase.words) > 1:
        return rarity * _SEVERAL_WORDS
    space = snapshot.space
    topicality = max(space.topicality(term) for term in phrase.terms) if space is not None else _LEAST_TOPICALITY
    return rarity * topicality if topicality >= _LEAST_TOPICALITY else 0.0


def _coherent(
    snapshot: Snapshot, profile: Profile, glossary: Glossary | None, candidates: Sequence[_Candidate]
) -> list[tuple[float, _Candidate]]:
    """Each with its weight, by how well it goes with the profile."""
    if snapshot.space is None:
        return [(row.weight, row) for row in candidates]
    own = list(profile_terms(snapshot, profile, glossary).about.items())
    words = [[(term, 1.0) for term in _terms(row.phrase.words)] for row in candidates]
    near = coherences(snapshot.space, [own, *words])[1:]
    return [
        (row.weight * (1 + value), row)
        for row, value in zip(candidates, near, strict=True)
        if value >= _LEAST_COHERENCE
    ]


def _terms(words: Sequence[str]) -> list[str]:
    return [*pairs_of(words), *(term for word in words for term in strict_terms(word))]


def _chosen(weighted: Sequence[tuple[float, _Candidate]], own_lang: str, limit: int) -> list[LackingTerm]:
    """The best, each thing once: not what is part of a better one, its translation, or translated alike."""
    rows = sorted(weighted, key=lambda row: (-row[0], row[1].phrase.key))
    by_wording = {row.written.lower(): row for _, row in rows}
    kept: list[LackingTerm] = []
    said: list[frozenset[str]] = []
    meant: set[str] = set()
    for _, row in rows:
        translation = ""
        if row.phrase.lang != own_lang and row.phrase.into:
            # Who reads is served best by his own language, if a counterpart writes it.
            in_own = next((by_wording[text.lower()] for text in row.phrase.into if text.lower() in by_wording), None)
            if in_own is not None:
                row = in_own
            else:
                translation = row.phrase.into[0]
        words = frozenset(row.written.lower().split())
        translations = [text.lower() for text in row.phrase.into[:_TRANSLATIONS]]
        if any(words <= other or other <= words for other in said) or not meant.isdisjoint(translations):
            continue
        said += [words, *(frozenset(text.split()) for text in translations)]
        meant.update(translations)
        kept.append(LackingTerm(row.written, row.phrase.lang, translation, row.holders))
        if len(kept) == limit:
            break
    return kept
