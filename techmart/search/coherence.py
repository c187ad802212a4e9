"""How well each word of a text goes with the rest of it, by the company that words keep in the index (see term_space).

"Unfortunately" and "literature" may be as rare as "scramjet", but only the latter lies where the rest of a text on hypersonic
flight lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.term_space import TermSpace

Array = NDArray[Any]
#: The coherence of a text without a word that the space has a place for.
UNKNOWN: Final = 0.3


def coherences(space: TermSpace | None, words: Sequence[Sequence[tuple[str, float]]]) -> list[float]:
    """The cosine (0 to 1) of each word of a text with all the others together; for words without a place, that of the
    usual word of the text.

    `words`: for each its index terms, translations included, and how much the text is about them.
    """
    found = [
        (number, row, strength)
        for number, terms in enumerate(words)
        for term, strength in terms
        if space is not None and (row := space.row(term)) is not None
    ]
    if space is None or not found:
        return [UNKNOWN] * len(words)
    owners, rows, strengths = (np.array(column) for column in zip(*found, strict=True))
    heads = np.flatnonzero(np.diff(owners, prepend=-1))
    pulls = np.add.reduceat(space.vectors[rows] * strengths[:, np.newaxis].astype(np.float32), heads)
    rest = pulls.sum(axis=0) - pulls
    lengths = np.linalg.norm(pulls, axis=1) * np.linalg.norm(rest, axis=1)
    cosines = np.clip((pulls * rest).sum(axis=1) / np.maximum(lengths, 1e-9), 0.0, 1.0)
    values = np.full(len(words), np.median(cosines))
    values[owners[heads]] = cosines
    return list(values.tolist())
