"""What the words of this index have to do with each other: a latent-semantic space, worked out from its own documents.

Deerwester et al. (1990). Only terms have stored places in the space; a document lies where its terms pull it (see latent),
so that new documents need nothing but their words. Beside its place a term has its topicality: how much more often than the
usual term it stands in those documents that hold it at all. Words of a subject are repeated and stand in titles, words of a
manner of speaking do not (after Church & Gale 1995).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from techmart.search.array_file import ArrayFile

#: The file of a generation's space, beside its segments.
SPACE_NAME: Final = "terms.space"


class TermSpace:
    """A stored space, read into memory. `vectors`: float32, terms × dimensions; `rarities`: idf × channel.

    `documents`: how many there were when it was worked out.
    """

    def __init__(self, path: Path) -> None:
        self.version = self.version_of(path)
        file = ArrayFile(path)
        self.documents: int = file.facts["documents"]
        self.terms: list[str] = file["terms"].tobytes().decode().split("\n")
        self.vectors = file["vectors"].astype(np.float32).reshape(len(self.terms), -1)
        self.rarities = file["rarities"]
        words = file["words"].tobytes().decode().split("\n")
        self._topicalities: dict[str, float] = dict(zip(words, file["topicalities"].tolist(), strict=True))
        self._rows = {term: row for row, term in enumerate(self.terms)}

    @staticmethod
    def version_of(path: Path) -> tuple[str, int, int]:
        """What tells one stored space from another. Raises FileNotFoundError."""
        stat = path.stat()
        return str(path), stat.st_ino, stat.st_mtime_ns

    def row(self, term: str) -> int | None:
        """The row of a term, None where it has no place."""
        return self._rows.get(term)

    def topicality(self, term: str) -> float:
        """About 1; above for words of a subject, below for words of speech; 1 where nothing is known."""
        return self._topicalities.get(term, 1.0)
