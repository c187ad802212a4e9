"""The outbox: what must happen after a commit is a row of the same transaction first.

Topics: `index` (a key to index again), `match` and `match_bulk` (a key to match after it was indexed), `mail` (one
message), `export` (the number of an export to write). Indexed tables need no call: a listener sees every flushed change of
a listing or organisation, including those of subclass columns. A bulk UPDATE is not seen, so it is forbidden on these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, event, insert, inspect
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column
from sqlalchemy.orm.attributes import get_history

from techmart.db import Base, UtcDateTime, is_bulk, mark_work
from techmart.models.listing import Attachment, Listing
from techmart.models.organisation import Membership, Organisation, organisation_key
from techmart.models.saved_search import SavedSearch
from techmart.rules.clock import utc_now
from techmart.rules.reader import PUBLIC

TOPIC_INDEX = "index"
TOPIC_MAIL = "mail"
TOPIC_EXPORT = "export"
TOPIC_MATCH = "match"
#: Of changes that came by the thousand (db.mark_bulk): matched when nothing else waits.
TOPIC_MATCH_BULK = "match_bulk"


class OutboxRow(Base):
    """Work that a worker must do at least once. `done_at` is set for mail (kept as a record); index rows are deleted."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_topic_done_at_id", "topic", "done_at", "id"),
        Index("ix_outbox_topic_key", "topic", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # Any: depends on the topic
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Set when a row failed too often: put aside, shown to staff, never in the way of others.
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def enqueue(session: Session, topic: str, key: str, payload: Mapping[str, Any] | None = None) -> None:
    """Add a row to the current transaction. The worker hears of it after the commit."""
    session.add(OutboxRow(topic=topic, key=key, payload=dict(payload or {})))
    mark_work(session)


@event.listens_for(Session, "after_flush")
def _record_changed_keys(session: Session, _context: UOWTransaction) -> None:
    """One index row per changed listing or organisation, written in the same flush, and one to match what is public by it.

    What an organisation says elsewhere (operations.organisation_sources) concerns its matches too.
    """
    keys: set[str] = set()
    matched: set[str] = set()
    for instance in (*session.new, *session.dirty, *session.deleted):
        if isinstance(instance, Listing | Organisation):
            keys.add(instance.key)
            if _concerns_matching(instance):
                matched.add(instance.key)
                if isinstance(instance, Listing):
                    matched.add(organisation_key(instance.organisation_id))
        elif isinstance(instance, SavedSearch | Membership):
            matched.update(_organisations_before_and_now(instance))
        elif isinstance(instance, Attachment) and instance.listing is not None:
            keys.add(instance.listing.key)
    if keys or matched:
        topic = TOPIC_MATCH_BULK if is_bulk(session) else TOPIC_MATCH
        rows = [{"topic": TOPIC_INDEX, "key": key, "payload": {}} for key in sorted(keys)]
        rows += [{"topic": topic, "key": key, "payload": {}} for key in sorted(matched)]
        session.execute(insert(OutboxRow), rows)
        mark_work(session)


def _organisations_before_and_now(instance: SavedSearch | Membership) -> set[str]:
    numbers = get_history(instance, "organisation_id").sum()
    return {organisation_key(number) for number in numbers if number is not None}


def _concerns_matching(instance: Listing | Organisation) -> bool:
    """Whatever is public by this change or was before it. Whether its text is another one is asked when it is matched."""
    if isinstance(instance, Organisation):
        return True
    return instance.is_public or PUBLIC in (inspect(instance).attrs.audience.history.deleted or ())
