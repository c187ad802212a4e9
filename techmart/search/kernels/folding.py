"""Adding up the places of a text's terms (see latent)."""

from __future__ import annotations

from typing import Any

from techmart.search.kernels.compiler import entry


@entry("void(float32[:, ::1], int32[::1], float32[::1], int64[::1], float32[:, ::1])")
def pull_together(vectors: Any, rows: Any, strengths: Any, lengths: Any, texts: Any) -> None:
    """Add to each of `texts`, zeros before, the vectors of its terms times their strengths, one after the other.

    rows: of the terms of all texts in `vectors`, -1 for one without a place; lengths: how many terms each text has.
    """
    entry = 0
    for text in range(texts.shape[0]):
        for _ in range(lengths[text]):
            row, strength = rows[entry], strengths[entry]
            entry += 1
            if row >= 0:
                for dimension in range(texts.shape[1]):
                    texts[text, dimension] += vectors[row, dimension] * strength
