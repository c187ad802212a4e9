"""The one table of ranking weights. Every figure was chosen on the dev halves of the gold sets; docs/search-and-matching.md
holds the evidence and the losing values. Change nothing here without running `make eval`.

Score of a term in a document (BM25F): wtf = sum over fields of w_f * tf_f / (1 - b_f + b_f * length_f / average_f),
then idf * wtf * (k1 + 1) / (k1 + wtf) times the weight of its channel and of the term in the query.
Lengths are in words (`analysis.count_words`), not in terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FieldWeight:
    """How much a text field counts (weight) and how far its length is evened out (b, 0 to 1)."""

    weight: float
    b: float


FIELDS: Final[dict[str, FieldWeight]] = {
    "title": FieldWeight(weight=2.0, b=0.4),
    "summary": FieldWeight(weight=1.0, b=0.4),
    "body": FieldWeight(weight=1.0, b=0.7),
    "keywords": FieldWeight(weight=1.5, b=0.4),
    "organisation": FieldWeight(weight=0.5, b=0.2),
}

# Term saturation: k1 for every channel.
K1: Final = 1.2

# Channel letter of a term (see analysis) to its factor.
CHANNELS: Final[dict[str, float]] = {"x": 1.0, "f": 1.0, "s": 1.0, "p": 0.55, "i": 1.0}

# Scores of things of verified organisations are multiplied by this: enough to decide between equals, not to lead.
PRIOR_OF_VERIFIED: Final = 1.02

# Of a text of so many words on, the best hits are put in a new order (see reranking): the same meaning earns this share of the
# best score, by the text's language (Vietnamese is understood through the glossary). Shorter ones name what they want.
MEANING_FROM_WORDS: Final = 5
MEANING_SHARES: Final[dict[str, float]] = {"en": 0.3, "vi": 0.2, "plain": 0.2}

# Usual lengths of fields in words, for an index too young to have its own (see whoosh_engine.measure_pivots).
PIVOTS: Final[dict[str, float]] = {
    "title": 14.0,
    "summary": 40.0,
    "body": 220.0,
    "keywords": 14.0,
    "organisation": 12.0,
}


@dataclass(frozen=True, slots=True)
class QueryWeights:
    """What the forms of a query's words count (see query_terms)."""

    exact: float = 1.0
    folded: float = 0.1
    stem_in_vietnamese: float = 0.2
    plain_stem: float = 0.2
    plain_share: float = 0.6
    translation: float = 0.65
    translation_into_vietnamese: float = 0.8
    translation_decay: float = 0.6
    translations_per_phrase: int = 4
    translated_part: float = 0.5
    translated_part_of_text: float = 0.7
    translated_syllable: float = 0.4
    translated_syllable_of_text: float = 0.08
    translated_pair: float = 1.0
    translated_pair_vi: float = 2.5
    phrase_gain: float = 1.0


QUERY = QueryWeights()


@dataclass(frozen=True, slots=True)
class Reach:
    """How scores of documents in the other language are made comparable (see language_reach): the share of the own
    language's pairs of neighbours that a translation is credited with, and the bounds of the factor."""

    pairs: float
    lowest: float
    highest: float = 6.0


# A query holds few pairs, and its best hits all of them; a description holds a hundred, of which a hit has some.
REACH_OF_QUERY: Final = Reach(pairs=0.5, lowest=1.0)
REACH_OF_TEXT: Final = Reach(pairs=2.5, lowest=0.1)
