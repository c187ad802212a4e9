"""The port every search engine implements; one contract suite (tests/search/test_engine_contract.py) runs against each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from techmart.search.document import SearchDocument
from techmart.search.request import SearchRequest, SearchResult
from techmart.search.snapshot import Snapshot
from techmart.search.suggest import Suggestion


class SearchEngine(Protocol):
    """Reads may run in any thread and process at once; writes come from one process that holds the sync lock."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer from the newest committed state this process has seen (`refresh` looks for a newer one by itself)."""

    def snapshot(self) -> Snapshot:
        """What matching reads: postings, facets and numbers of the newest committed state, which does not change under it."""

    def vocabulary(self, prefix: str, limit: int) -> Sequence[tuple[str, int]]:
        """Terms that begin with `prefix` and their document counts, the most frequent first."""

    def document_counts(self, terms: Sequence[str]) -> Sequence[int]:
        """In how many documents each term occurs; deleted documents may still count until their segment is merged."""

    def suggest(self, text: str, limit: int) -> Sequence[Suggestion]:
        """Ways to go on from what somebody has typed so far; see suggest.suggest_in."""

    def did_you_mean(self, text: str, known: frozenset[str] = frozenset()) -> str:
        """The text with words nothing has (and not `known`) corrected, or an empty one; see spelling.did_you_mean."""

    def versions(self) -> Iterable[tuple[str, int]]:
        """(key, version) of every live document."""

    def apply(self, deletes: Sequence[str], documents: Sequence[SearchDocument]) -> None:
        """Remove these keys, add these documents, and commit both at once."""

    def rebuild(self, documents: Iterable[SearchDocument]) -> None:
        """Write a new generation beside the old one and switch to it; readers go on with the old one meanwhile."""

    def refresh(self) -> bool:
        """Take notice of a newer commit; whether there was one."""

    def status(self) -> dict[str, Any]:
        """Figures for people: documents, segments, bytes, generation …  (Any: numbers and texts)."""
