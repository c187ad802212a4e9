"""The one table of matching weights; docs/search-and-matching.md holds the evidence.

A score is the sum of parts, at most 100 points (text and meaning together at most CLOSENESS). Text carries most of it; facts add to it and never take away, so saying
more can only help. The text part compares with what a listing that answers every stated word about once would reach.
"""

from __future__ import annotations

from typing import Final

#: Part → most points it can give; what a profile's meaning can give its words cannot (see CLOSENESS).
PARTS: Final[dict[str, int]] = {
    "text": 60,
    "meaning": 25,
    "sector": 14,
    "ipc": 8,
    "trl": 6,
    "budget": 6,
    "place": 3,
    "transfer": 3,
}

#: Points that words and meaning give together, and how many of them meaning gives (see search.meaning): to a short English
#: text, to a long one, which names enough, and where the glossary stands between the text or the documents and the vectors.
CLOSENESS: Final = 60
MEANING_SHORT: Final = 25
MEANING_LONG: Final = 20
MEANING_BY_GLOSSARY: Final = 10

#: Field of a demand, offer, patent or organisation → how much its words count in a profile.
PROFILE_FIELDS: Final[dict[str, float]] = {
    "title": 2.0, "summary": 1.5, "title_en": 1.0, "summary_en": 1.0, "keywords": 1.5,
    "problem": 1.0, "material": 1.2, "method": 1.2, "efficacy_target": 1.2, "product": 1.2, "application": 1.0, "constraints": 0.5,
    "how_it_works": 1.0, "advantage": 0.7, "partner_sought": 0.5,
    "abstract": 1.2, "claims": 0.6,
    "name_vi": 0.3, "name_en": 0.3, "capability": 1.0, "own_demands": 0.7, "own_offers": 0.5, "saved_searches": 0.7,
}  # fmt: skip

#: Terms of a profile that are asked for: single words, and pairs of neighbours.
WORDS_ASKED: Final = 160
PAIRS_ASKED: Final = 100
PAIR_FACTOR: Final = 0.45
#: Bare numbers (years, amounts, reference signs) agree by chance; with their neighbour, as pairs, they count in full.
NUMBER_FACTOR: Final = 0.3
#: A short text without a title says first what it is about: its first words count so much more, falling off over so many.
LEAD_GAIN: Final = 1.0
LEAD_WORDS: Final = 80
TITLES: Final = frozenset({"title", "title_en", "name_vi", "name_en"})

# Repetition in a profile: tf * (k3 + 1) / (k3 + tf). A short text repeats by chance, a long one what matters to it.
K3_SHORT: Final = 2.0
K3_LONG: Final = 20.0
LONG_TEXT_WORDS: Final = 150
#: Rare words of a long text count more than their idf alone says: times idf to this power.
RARITY_POWER_LONG: Final = 0.7

#: Words of a subject count more than words of a manner of speaking: times topicality (see search.term_space) to this power.
TOPICALITY_POWER: Final = 2.0

#: The ideal listing holds this many of the most telling words; of a long text, which leans on a few, fewer.
IDEAL_WORDS: Final = 30
IDEAL_WORDS_LONG: Final = 10
#: What earns nothing is what unrelated texts share, the background: the score at the rank √n of n counterparts, but at least
#: this share of the ideal. Of a few counterparts the score at a rank says little, so that USUAL_SHARE weighs as much as so many.
LEAST_SHARE: Final = 0.15
USUAL_SHARE: Final = 0.2
USUAL_WEIGHT: Final = 30
#: So many times the background earns everything, and at least this share of the ideal.
FULL_TIMES: Final = 4.0
FULL_SHARE: Final = 0.8
#: A text in the other language than the profile is met through translations, and earns at most this share of the points.
TRANSLATED_SHARE: Final = 0.6
#: Candidates looked at more closely for each match shown.
CANDIDATES: Final = 150
#: A match is shown from this many points on where words and meaning earn CLOSENESS_NEEDED of theirs, and whatever its facts
#: where they earn CLOSENESS_ENOUGH; but never without some words that both sides use.
SHOWN_FROM: Final = 30
CLOSENESS_NEEDED: Final = 10
CLOSENESS_ENOUGH: Final = 15
WORDS_NEEDED: Final = 4
