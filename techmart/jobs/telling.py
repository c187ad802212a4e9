"""Digests: what is new in saved searches and among matches, in one mail a person at the hour he chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from techmart.db import unit_of_work
from techmart.jobs.matching import Scorer
from techmart.operations.digest import list_alerted, list_due_alerts, queue_digest
from techmart.operations.saved_search import list_due
from techmart.rules.clock import utc_now
from techmart.search.glossary_store import current_glossary
from techmart.search.query import run_query
from techmart.search.search_args import SearchArgs
from techmart.search.service import current_engine

#: The first ones of a search are named by the mail; the others are kept to be counted again when it is sent.
_KEYS_KEPT = 100


def tell_what_is_due() -> None:
    """Queue the mails whose time has come, each in a transaction of its own that also says that it was told."""
    now = utc_now()
    # Read out before the first transaction, which makes every loaded row ask the database again.
    due = [(row.user_id, row.id, row.parameters, row.notified_at) for row in list_due(now)]
    alerts = list_due_alerts(now)
    for user_id in sorted({*alerts, *(row[0] for row in due)}):
        found = [(number, *_new_of(parameters, since)) for owner, number, parameters, since in due if owner == user_id]
        points = _points_now(alerts.get(user_id, ()))
        with unit_of_work():
            queue_digest(user_id, alerts.get(user_id, ()), found, now, points=points)


def _points_now(alert_ids: Sequence[int]) -> Mapping[int, int]:
    """Match → its points on the index of now, which may have grown much since it was matched: the page will say these."""
    if not alert_ids:
        return {}
    scorer = Scorer.of_now()
    pairs = list_alerted(alert_ids).items()
    return {
        number: scorer.percent(pair.own, pair.other) if is_by_staff else scorer.points(pair.own, pair.other)
        for number, (pair, is_by_staff) in pairs
    }


def _new_of(parameters: Sequence[Sequence[str]], since: datetime) -> tuple[int, list[str]]:
    """How many public things of a search are newer, and the keys of the first."""
    query = replace(SearchArgs.of_pairs(parameters), sort="newest", page=1).query(
        limit=_KEYS_KEPT, published_after=int(since.timestamp())
    )
    result = run_query(current_engine(), current_glossary(), query, facets=()).result
    return result.total, [hit.key for hit in result.hits]
