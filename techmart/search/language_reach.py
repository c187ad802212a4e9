"""What a query can earn in documents of the other language, so that a translation is not beaten by any word of the original.

A Vietnamese query earns its words as they stand in Vietnamese documents, and in English ones their translations, which count
less. Ranked by the bare sums, a market with documents in both languages would show those in the query's own language first,
however little they have to do with it. Scores of documents in the other language are therefore multiplied by what the
translated words earn at home over what their translations earn. Words without a translation are not made up for: a document
that cannot say them is less sure to be about the query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from techmart.search.request import Group
from techmart.search.snapshot import Snapshot
from techmart.search.weights import REACH_OF_QUERY, REACH_OF_TEXT

#: Language of documents → the other.
OTHER_LANGUAGE: Final = {"vi": "en", "en": "vi"}


def language_factors(
    snapshot: Snapshot, groups: Sequence[Group], weights: Sequence[float], *, is_text: bool
) -> dict[str, float]:
    """Language → what scores of its documents are multiplied by; empty where all documents are in one language.

    `weights`: what the terms of the groups earn, one after the other, 0 for terms that no document holds. `is_text`: the
    groups are those of a whole description rather than of a query.
    """
    if not all(snapshot.count_of(lang=(lang,)) for lang in OTHER_LANGUAGE):
        return {}
    words, pairs = dict.fromkeys(OTHER_LANGUAGE, 0.0), dict.fromkeys(OTHER_LANGUAGE, 0.0)
    translated, translations = dict.fromkeys(OTHER_LANGUAGE, 0.0), dict.fromkeys(OTHER_LANGUAGE, 0.0)
    rest = iter(weights)
    for group in groups:
        own = abroad = shared = 0.0
        for term, weight in zip(group.terms, rest, strict=False):
            if term.stands_in:
                abroad += weight
            else:
                own = max(own, weight)
                shared = max(shared, weight if term.text[0] == "s" else 0.0)  # a stem stands in texts of both languages
        if not group.lang:
            continue
        if not group.counts:
            pairs[group.lang] += own
            continue
        words[group.lang] += own
        if (earned := max(abroad, shared)) > 0:
            translated[group.lang] += own
            translations[group.lang] += earned
    lang = max(words, key=words.__getitem__)
    if not translations[lang] or not words[lang]:
        return {}
    reach = REACH_OF_TEXT if is_text else REACH_OF_QUERY
    at_home = translated[lang] + reach.pairs * pairs[lang] * translated[lang] / words[lang]
    factor = min(max(at_home / translations[lang], reach.lowest), reach.highest)
    return {OTHER_LANGUAGE[lang]: factor}
