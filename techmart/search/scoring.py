"""BM25F: what a term in a document is worth, and how a segment writes it down.

A term's weight in a document is the field-weighted frequency wtf, kept as one byte; it counts
wtf * (k1 + 1) / (k1 + wtf), see Robertson & Zaragoza 2009, "The probabilistic relevance framework", 3.5. A query adds
idf * channel * query weight times that.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.weights import CHANNELS, K1

Array = NDArray[Any]
_CODES: Final = 256
#: The scale of codes, a part of the files' layout and not a weight: code c stands for wtf = _SCALE * c / (256 − c), so codes
#: are evenly spread over what a weight counts (and would be of use at any k1).
_SCALE: Final = 1.2

#: The weight each code stands for, float32; code 0 is not used.
WEIGHTS_OF_CODES: Final[Array] = (_SCALE * np.arange(_CODES) / (_CODES - np.arange(_CODES))).astype(np.float32)


def saturate(weights: Array) -> Array:
    """Field-weighted frequencies → what they count, float32."""
    return weights * np.float32(K1 + 1) / (weights + np.float32(K1))


#: What each code counts.
VALUES_OF_CODES: Final[Array] = saturate(WEIGHTS_OF_CODES)


def codes_of(weights: Array) -> Array:
    """Field-weighted frequencies (above 0) → the nearest codes, uint8."""
    shares = weights / (weights + np.float32(_SCALE))
    return np.clip(np.rint(shares * np.float32(_CODES)), 1, _CODES - 1).astype(np.uint8)


def inverse_document_frequency(documents: int, occurrences: int) -> float:
    """ln(1 + (N − df + ½) / (df + ½)), never negative."""
    return math.log(1 + (documents - occurrences + 0.5) / (occurrences + 0.5)) if occurrences <= documents else 0.0


def channel_factor(term: str) -> float:
    """How much the term's channel counts (see weights)."""
    return CHANNELS.get(term[0], 0.0)
