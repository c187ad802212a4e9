"""What an owner may do with a suggested pair, as data: states, decisions, reasons for declining."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from techmart.errors import ReasonRequired


class Side(StrEnum):
    """Whose view of a pair: the side that needs (a demand, or a company by its profile) or the one that has."""

    WANTED = "wanted"
    OFFERED = "offered"


class MatchOrigin(StrEnum):
    AUTOMATIC = "automatic"
    STAFF = "staff"


class MatchState(StrEnum):
    NEW = "new"
    SEEN = "seen"
    INTERESTED = "interested"
    KEPT = "kept"
    DISMISSED = "dismissed"


class Decision(StrEnum):
    INTERESTED = "interested"
    KEEP = "keep"
    DISMISS = "dismiss"
    UNDO = "undo"


class DeclineReason(StrEnum):
    TOO_EARLY = "too_early"
    BENEFIT_UNCLEAR = "benefit_unclear"
    ROUTE_UNCLEAR = "route_unclear"
    TEXT_UNCLEAR = "text_unclear"
    PRICE = "price"
    WRONG_FIELD = "wrong_field"
    ALREADY_SOLVED = "already_solved"
    OTHER = "other"


class AlertMode(StrEnum):
    """When a person is mailed of new matches. The site shows them in every mode."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


DEFAULT_MODE = AlertMode.DAILY
#: Matches of at least this many points are told of, unless the person chose otherwise.
DEFAULT_THRESHOLD = 60
LOWEST_THRESHOLD = 30

#: Where a decision leads from every state; one that leads to the present state changes nothing (a second click).
TARGETS: Mapping[Decision, MatchState] = {
    Decision.INTERESTED: MatchState.INTERESTED,
    Decision.KEEP: MatchState.KEPT,
    Decision.DISMISS: MatchState.DISMISSED,
    Decision.UNDO: MatchState.SEEN,
}
#: What a change of either text makes of a state: a refusal holds for what was refused only.
AFTER_CHANGE: Mapping[MatchState, MatchState] = {
    MatchState.NEW: MatchState.NEW,
    MatchState.SEEN: MatchState.NEW,
    MatchState.INTERESTED: MatchState.INTERESTED,
    MatchState.KEPT: MatchState.KEPT,
    MatchState.DISMISSED: MatchState.NEW,
}


def target_of(decision: Decision, reason: str | None) -> MatchState:
    """Where the decision leads; raises ReasonRequired for a refusal without a known reason."""
    if decision is Decision.DISMISS and reason not in set(DeclineReason):
        raise ReasonRequired(decision)
    return TARGETS[decision]
