"""Who may see a row: one token on the row, a set of tokens on the reader. Object check, SQL and index all use it.

Tokens: `public` · `org:ID+staff` (the organisation and staff: everything once submitted) · `org:ID` (drafts: the organisation alone).
"""

from __future__ import annotations

from techmart.rules.lifecycle import ListingState
from techmart.rules.reader import PUBLIC, STAFF_SUFFIX

#: States whose text anyone may read. A hidden, archived or rejected listing is not among them.
PUBLIC_STATES = frozenset({ListingState.PUBLISHED, ListingState.DUE, ListingState.STALE, ListingState.TRANSFERRED})
#: States whose text only the organisation may read: staff are not shown what was never handed in.
PRIVATE_STATES = frozenset({ListingState.DRAFT})


def audience_of(state: ListingState, organisation_id: int) -> str:
    """The token a listing in `state` carries."""
    if state in PUBLIC_STATES:
        return PUBLIC
    return f"org:{organisation_id}" + ("" if state in PRIVATE_STATES else STAFF_SUFFIX)
