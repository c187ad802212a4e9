"""Digests: what is new in saved searches and among matches, in one mail a person at the hour he chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from techmart.db import unit_of_work
from techmart.operations.digest import list_due_alerts, queue_digest
from techmart.operations.saved_search import list_due
from techmart.rules.clock import utc_now
from techmart.search.glossary_store import current_glossary
from techmart.search.query import run_query
from techmart.search.search_args import SearchArgs
from techmart.search.service import current_engine

_TITLES_TOLD = 5


def tell_what_is_due() -> None:
    """Queue the mails whose time has come, each in a transaction of its own that also says that it was told."""
    now = utc_now()
    # Read out before the first transaction, which makes every loaded row ask the database again.
    due = [(row.user_id, row.id, row.parameters, row.notified_at) for row in list_due(now)]
    alerts = list_due_alerts(now)
    for user_id in sorted({*alerts, *(row[0] for row in due)}):
        found = [(number, *_new_of(parameters, since)) for owner, number, parameters, since in due if owner == user_id]
        with unit_of_work():
            queue_digest(user_id, alerts.get(user_id, ()), found, now)


def _new_of(parameters: Sequence[Sequence[str]], since: datetime) -> tuple[int, list[str]]:
    """How many public things of a search are newer, and the keys of the first."""
    query = replace(SearchArgs.of_pairs(parameters), sort="newest", page=1).query(
        limit=_TITLES_TOLD, published_after=int(since.timestamp())
    )
    result = run_query(current_engine(), current_glossary(), query, facets=()).result
    return result.total, [hit.key for hit in result.hits]
