"""What pages show of saved searches: the search in words, its address, and how much of it is new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from techmart.models.saved_search import SavedSearch
from techmart.rules.text import truncate
from techmart.search.glossary_store import current_glossary
from techmart.search.query import run_query
from techmart.search.search_args import SearchArgs
from techmart.search.service import current_engine
from techmart.web.search_view import bound_choices, code_name


@dataclass(frozen=True)
class SavedView:
    """A saved search with the figures of this moment. `new`: published since its owner last looked."""

    row: SavedSearch
    words: str
    href: str
    new: int
    total: int


def saved_views(rows: Iterable[SavedSearch]) -> list[SavedView]:
    """Two questions to the engine for each, without facets."""
    return [_view(row) for row in rows]


def count_new(row: SavedSearch) -> int:
    """How many things of the search are newer than the owner's last look."""
    args = SearchArgs.of_pairs(row.parameters)
    query = args.query(limit=1, published_after=int(row.last_seen_at.timestamp()))
    return run_query(current_engine(), current_glossary(), query, facets=()).result.total


def words_of(args: SearchArgs) -> str:
    """The search as people would say it: what was typed, then the filters."""
    parts = [f"“{args.text}”"] if args.text else []
    parts += [code_name(name, code) for name, codes in args.filters.items() for code in codes]
    parts += [words for words, _without in bound_choices(args)]
    return ", ".join(parts) or str(_("Mọi tin và tổ chức"))


def proposed_name(args: SearchArgs) -> str:
    """A name to start from."""
    return truncate(words_of(args).replace("“", "").replace("”", ""), 100)


def _view(row: SavedSearch) -> SavedView:
    args = SearchArgs.of_pairs(row.parameters)
    total = run_query(current_engine(), current_glossary(), args.query(limit=1), facets=()).result.total
    return SavedView(row, words_of(args), url_for("saved_searches.look", search_id=row.id), count_new(row), total)
