"""The best hits of a question or description in a new order: closeness in meaning counts beside words (see meaning)."""

from __future__ import annotations

from typing import Final

from techmart.search.closeness import closeness
from techmart.search.request import Hit, SearchRequest, SearchResult
from techmart.search.snapshot import Snapshot

#: So many hits are looked at; the pages behind them keep their order.
RERANKED: Final = 100


def in_order_of_meaning(snapshot: Snapshot, found: SearchResult, request: SearchRequest) -> SearchResult:
    """The page that `request` asks for. `found`: the best RERANKED hits and all pages so far, best first.

    A hit that means the same as the text earns `request.meaning_share` of the best score on top of its own, so that none of
    those behind comes before one that was looked at.
    """
    head, rest = found.hits[:RERANKED], found.hits[RERANKED:]
    best = head[0].score if head else 0.0
    close = closeness(snapshot, request.direction, found.numbers[:RERANKED]).tolist()
    scores = [hit.score + request.meaning_share * best * value for hit, value in zip(head, close, strict=True)]
    order = sorted(range(len(head)), key=lambda place: (-scores[place], place))
    hits = (*(Hit(head[place].key, scores[place]) for place in order), *rest)
    numbers = (*(found.numbers[place] for place in order), *found.numbers[RERANKED:])
    page = slice(request.offset, request.offset + request.limit)
    return found._replace(hits=hits[page], numbers=numbers[page])
