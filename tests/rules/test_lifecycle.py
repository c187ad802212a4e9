"""Every state × every action, against a table written by hand from the design."""

from __future__ import annotations

import pytest

from techmart.errors import IllegalTransition, ReasonRequired
from techmart.rules.audience import audience_of
from techmart.rules.lifecycle import (
    LISTING_TRANSITIONS,
    REVISION_TRANSITIONS,
    Action,
    ListingState,
    RevisionState,
    find_transition,
)

A, L, R = Action, ListingState, RevisionState
LISTING = {
    (L.DRAFT, A.SUBMIT): L.SUBMITTED,
    (L.CHANGES_REQUESTED, A.SUBMIT): L.SUBMITTED,
    (L.CHANGES_REQUESTED, A.WITHDRAW): L.WITHDRAWN,
    (L.SUBMITTED, A.RECALL): L.DRAFT,
    (L.SUBMITTED, A.REQUEST_CHANGES): L.CHANGES_REQUESTED,
    (L.SUBMITTED, A.APPROVE): L.PUBLISHED,
    (L.SUBMITTED, A.REJECT): L.REJECTED,
    (L.SUBMITTED, A.WITHDRAW): L.WITHDRAWN,
    **{(s, A.CONFIRM): L.PUBLISHED for s in (L.PUBLISHED, L.DUE, L.STALE, L.HIDDEN)},
    **{(s, A.WITHDRAW): L.WITHDRAWN for s in (L.PUBLISHED, L.DUE, L.STALE, L.HIDDEN)},
    **{(s, A.HIDE): L.HIDDEN for s in (L.PUBLISHED, L.DUE, L.STALE)},
    **{(s, A.MARK_TRANSFERRED): L.TRANSFERRED for s in (L.PUBLISHED, L.DUE, L.STALE)},
    (L.PUBLISHED, A.MARK_DUE): L.DUE,
    (L.DUE, A.MARK_STALE): L.STALE,
    **{(s, A.ARCHIVE): L.ARCHIVED for s in (L.HIDDEN, L.WITHDRAWN, L.REJECTED)},
    **{(s, A.REOPEN): L.DRAFT for s in (L.WITHDRAWN, L.REJECTED, L.ARCHIVED)},
}
REVISION = {
    (R.DRAFT, A.SUBMIT): R.SUBMITTED,
    (R.CHANGES_REQUESTED, A.SUBMIT): R.SUBMITTED,
    (R.SUBMITTED, A.RECALL): R.DRAFT,
    (R.SUBMITTED, A.REQUEST_CHANGES): R.CHANGES_REQUESTED,
    (R.SUBMITTED, A.APPROVE): R.APPROVED,
    (R.SUBMITTED, A.REJECT): R.REJECTED,
    (R.DRAFT, A.DISCARD): R.DISCARDED,
    (R.CHANGES_REQUESTED, A.DISCARD): R.DISCARDED,
}
NEEDS_REASON = {A.REQUEST_CHANGES, A.REJECT, A.HIDE}


@pytest.mark.parametrize("action", list(A))
@pytest.mark.parametrize(
    ("table", "expected", "state"),
    [(LISTING_TRANSITIONS, LISTING, s) for s in L] + [(REVISION_TRANSITIONS, REVISION, s) for s in R],
)
def test_every_state_and_action(table, expected, state, action):
    target = expected.get((state, action))
    if target is None:
        with pytest.raises(IllegalTransition):
            find_transition(table, action, state, reason="because")
        return
    assert find_transition(table, action, state, reason="because").target is target
    if action in NEEDS_REASON:
        with pytest.raises(ReasonRequired):
            find_transition(table, action, state, reason="  ")


@pytest.mark.parametrize("state", list(L))
def test_audience_of_every_state(state):
    if state in (L.PUBLISHED, L.DUE, L.STALE, L.TRANSFERRED):
        assert audience_of(state, 7) == "public"
    elif state is L.DRAFT:
        assert audience_of(state, 7) == "org:7"
    else:
        assert audience_of(state, 7) == "org:7+staff"
