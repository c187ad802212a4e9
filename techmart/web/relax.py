"""Nothing found: which one condition to give up, and how much that would find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from techmart.search.glossary_store import current_glossary
from techmart.search.query import Answer, run_query
from techmart.search.search_args import UNFILTERED, SearchArgs
from techmart.search.service import current_engine
from techmart.web.search_view import FACET_NAMES, bound_choices, code_name, piece_text, without_piece

#: One question to the engine each.
MOST_TRIED: Final = 6


@dataclass(frozen=True)
class Relaxed:
    """The search without one condition: what is given up (empty: every filter), the address, how much it finds."""

    text: str
    url: str
    count: int


def relaxations(answer: Answer, args: SearchArgs, path: str) -> list[Relaxed]:
    """Those that find something, most first; empty when something was found anyway or nothing can be given up."""
    if answer.result.total:
        return []
    found = []
    for _, (text, wider) in zip(range(MOST_TRIED), _wider(answer, args), strict=False):
        count = run_query(current_engine(), current_glossary(), wider.query(limit=1), facets=()).result.total
        if count:
            found.append(Relaxed(text, wider.url(path), count))
    return sorted(found, key=lambda one: -one.count)


def _wider(answer: Answer, args: SearchArgs) -> Iterator[tuple[str, SearchArgs]]:
    """What to try: each chosen filter, each bound, what was read into the words, and the filters together."""
    first = replace(args, page=1)
    for name, codes in args.filters.items():
        rest = {other: kept for other, kept in args.filters.items() if other != name}
        words = code_name(name, codes[0]) if len(codes) == 1 else str(FACET_NAMES[name])
        yield words, replace(first, filters=rest)
    for words, without in bound_choices(args):
        yield words, replace(first, **without)
    for piece in answer.understanding.pieces:
        yield piece_text(piece), replace(first, **without_piece(answer.understanding, piece, args))
    if len(args.filters) + len(bound_choices(args)) > 1:
        yield "", replace(first, **UNFILTERED)
