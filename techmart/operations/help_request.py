"""Help with a demand: its owner gives the draft to staff, who propose a text; nothing changes before the owner agrees.

Staff see a draft only while it is given to them (rules.audience). Whatever they write stands beside the owner's text; he
sees it word by word and takes over the fields they changed, or declines. His own edits meanwhile stay, also in a field that
both changed unless he picks the proposed words there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from techmart.db import db
from techmart.errors import IllegalTransition, InvalidFields, NotFound, StaleVersion
from techmart.models.help_request import HelpRequest
from techmart.models.listing import Demand
from techmart.operations.event import record_event
from techmart.operations.help_news import take_back, tell_helper, tell_owners, tell_staff
from techmart.operations.listing import find_editable
from techmart.operations.listing_content import Content, checked, content_of, from_json, to_json
from techmart.operations.revision import save_listing
from techmart.rules.clock import utc_now
from techmart.rules.help import OPEN_STATES, HelpState
from techmart.rules.identifiers import parse_listing_code
from techmart.rules.lifecycle import EDITABLE_STATES
from techmart.rules.policy import Actor, Permission, can, require
from techmart.rules.text import clean

TEXT_LIMIT = 1000


@dataclass(frozen=True)
class Proposal:
    """What the owner decides on: the fields staff changed as they stand now, and as proposed. `contested`: those that the
    owner changed as well since staff had the draft before them."""

    now: Content
    proposed: Content
    contested: frozenset[str]


def open_request(demand: Demand) -> HelpRequest | None:
    """The request that waits for staff or for the owner."""
    statement = select(HelpRequest).where(HelpRequest.demand_id == demand.id, HelpRequest.state.in_(OPEN_STATES))
    return db.session.scalar(statement.order_by(HelpRequest.id.desc()))


def ask_for_help(actor: Actor, demand: Demand, question: str) -> HelpRequest:
    """Give the draft to staff. Raises NotAllowed, InvalidFields (`question`), IllegalTransition: no draft, or given already."""
    require(actor, Permission.LISTING_EDIT, demand.organisation_id)
    db.session.refresh(demand, with_for_update=True)
    if demand.state not in EDITABLE_STATES or open_request(demand) is not None:
        raise IllegalTransition("ask_for_help", demand.state)
    row = HelpRequest(demand_id=demand.id, question=_text("question", question), asked_by_id=actor.user_id)
    row.demand = demand
    db.session.add(row)
    db.session.flush()
    record_event(actor, "listing", demand.id, "ask_for_help")
    tell_staff(row)
    return row


def withdraw_request(actor: Actor, demand: Demand) -> None:
    """Take the draft back. Raises NotAllowed, NotFound."""
    require(actor, Permission.LISTING_EDIT, demand.organisation_id)
    _close(actor, _required(demand), HelpState.WITHDRAWN, "withdraw_help")


def list_requests(actor: Actor) -> Sequence[HelpRequest]:
    """Drafts that wait for staff, longest first, then those whose owners have a proposal; none of the actor's own
    organisations. Raises NotAllowed.
    """
    require(actor, Permission.DEMAND_HELP)
    statement = (
        select(HelpRequest)
        .where(HelpRequest.state.in_(OPEN_STATES))
        .options(joinedload(HelpRequest.demand).joinedload(Demand.organisation))
        .order_by(HelpRequest.state.desc(), HelpRequest.id)
    )
    rows = [row for row in db.session.scalars(statement) if row.demand.state in EDITABLE_STATES]
    return [row for row in rows if can(actor, Permission.DEMAND_HELP, row.demand.organisation_id)]


def find_request(actor: Actor, code: str) -> HelpRequest:
    """The open request of a demand, for staff who are no party to it. Raises NotAllowed, NotFound."""
    require(actor, Permission.DEMAND_HELP)
    demand = db.session.scalar(select(Demand).where(Demand.code == parse_listing_code(code)))
    row = open_request(demand) if demand is not None and demand.state in EDITABLE_STATES else None
    if demand is None or row is None:
        raise NotFound
    require(actor, Permission.DEMAND_HELP, demand.organisation_id)
    return row


def text_to_help(row: HelpRequest) -> Content:
    """The draft with what staff proposed before, if anything; where the owner wrote since, his words."""
    proposal = proposal_of(row)
    kept = {name: value for name, value in proposal.proposed.items() if name not in proposal.contested}
    return {**content_of(row.demand), **kept}


def propose_text(
    actor: Actor, row: HelpRequest, content: Mapping[str, Any], *, note: str, version: int, request_version: int
) -> None:  # Any: see Content
    """Propose a text, or another one. `version`: of the draft that was worked on; what the owner wrote since is not
    overwritten. `request_version`: of the request as it was read, so that two of the staff do not write over each other.

    Raises NotAllowed, StaleVersion, InvalidFields (`title` unchanged: nothing was changed), IllegalTransition once the
    request was taken back.
    """
    demand = row.demand
    require(actor, Permission.DEMAND_HELP, demand.organisation_id)
    db.session.refresh(demand, with_for_update=True)
    db.session.refresh(row)
    if row.state not in OPEN_STATES or demand.state not in EDITABLE_STATES:
        raise IllegalTransition("propose_text", row.state)
    if (version, request_version) != (demand.version, row.version):
        raise StaleVersion(given=version, current=demand.version)
    now = content_of(demand)
    values = checked("demand", {**now, **content})
    changed = {name: value for name, value in values.items() if value != now.get(name)}
    if not changed:
        raise InvalidFields({"title": ["unchanged"]})
    row.answer, row.before = to_json(changed), to_json({name: now[name] for name in changed})
    row.note, row.state = _text("note", note), HelpState.ANSWERED
    row.answered_by_id, row.answered_at = actor.user_id, utc_now()
    record_event(actor, "listing", demand.id, "propose_text", changes={"fields": sorted(changed)})
    db.session.flush()
    tell_owners(row)


def proposal_of(row: HelpRequest) -> Proposal:
    """What the owner decides on."""
    proposed, before, now = from_json(row.answer), from_json(row.before), content_of(row.demand)
    contested = frozenset(name for name in proposed if now[name] not in (before[name], proposed[name]))
    return Proposal({name: now[name] for name in proposed}, proposed, contested)


def accept_proposal(
    actor: Actor, demand: Demand, *, version: int, request_version: int, take: Collection[str] = ()
) -> None:
    """Take over the fields that staff changed; contested ones only where they are in `take`.

    `version`, `request_version`: of the draft and of the proposal whose differences were shown.

    Raises NotAllowed, NotFound, StaleVersion, InvalidFields, IllegalTransition.
    """
    require(actor, Permission.LISTING_EDIT, demand.organisation_id)
    db.session.refresh(demand, with_for_update=True)
    row = _required(demand, HelpState.ANSWERED)
    if request_version != row.version:
        raise StaleVersion(given=request_version, current=row.version)
    proposal = proposal_of(row)
    taken = {
        name: value for name, value in proposal.proposed.items() if name not in proposal.contested or name in take
    }  # fmt: skip
    save_listing(actor, demand, taken, version=version)
    _close(actor, row, HelpState.ACCEPTED, "accept_text")
    tell_helper(row)


def decline_proposal(actor: Actor, demand: Demand, reason: str) -> None:
    """Leave the draft as it is. Raises NotAllowed, NotFound, InvalidFields (`reason`)."""
    require(actor, Permission.LISTING_EDIT, demand.organisation_id)
    row = _required(demand, HelpState.ANSWERED)
    row.reason = _text("reason", reason)
    _close(actor, row, HelpState.DECLINED, "decline_text")
    tell_helper(row)


def find_own(actor: Actor, code: str) -> Demand:
    """The demand whose help is asked or answered, for its editors. Raises NotFound, NotAllowed."""
    demand = find_editable(actor, "demand", code)
    assert isinstance(demand, Demand)
    return demand


def _required(demand: Demand, *states: HelpState) -> HelpRequest:
    row = open_request(demand)
    if row is None or (states and row.state not in states):
        raise NotFound
    return row


def _close(actor: Actor, row: HelpRequest, state: HelpState, step: str) -> None:
    row.state, row.closed_at = state, utc_now()
    record_event(actor, "listing", row.demand_id, step)
    take_back(row)


def _text(name: str, text: str) -> str:
    cleaned = clean(text)
    if len(cleaned) > TEXT_LIMIT:
        raise InvalidFields({name: ["too_long"]})
    return cleaned
