"""Every role × every permission, and what a reader's tokens open."""

from __future__ import annotations

import pytest

from techmart.errors import NotAllowed
from techmart.rules.policy import ANONYMOUS, SYSTEM, Actor, MemberRole, Permission, StaffRole, can, require
from techmart.rules.reader import Reader

OWN, OTHER = 1, 2
ROLES = {
    "anonymous": ANONYMOUS,
    "stranger": Actor(user_id=9),
    "viewer": Actor(user_id=3, organisation_roles={OWN: MemberRole.VIEWER}),
    "editor": Actor(user_id=4, organisation_roles={OWN: MemberRole.EDITOR}),
    "owner": Actor(user_id=5, organisation_roles={OWN: MemberRole.OWNER}),
    "moderator": Actor(user_id=6, staff_role=StaffRole.MODERATOR),
    "administrator": Actor(user_id=7, staff_role=StaffRole.ADMINISTRATOR),
    "system": SYSTEM,
}
SIGNED_IN = {"stranger", "viewer", "editor", "owner", "moderator", "administrator"}
STAFF = {"moderator", "administrator"}
P = Permission
WHO = {
    P.ACCOUNT_MANAGE: SIGNED_IN,
    P.ATTACHMENT_ADD: {"editor", "owner"},
    P.DEMAND_HELP: STAFF,
    P.EXPORT_MAKE: SIGNED_IN,
    P.GLOSSARY_MANAGE: STAFF | {"system"},
    P.LISTING_AGE: STAFF | {"system"},
    P.LISTING_CONFIRM: {"editor", "owner"},
    P.LISTING_CREATE: {"editor", "owner"},
    P.LISTING_EDIT: {"editor", "owner", "system"},
    P.LISTING_IMPORT: {"administrator", "system"},
    P.LISTING_REVIEW: STAFF | {"system"},
    P.LISTING_SUBMIT: {"editor", "owner", "system"},
    P.LISTING_WITHDRAW: {"editor", "owner"} | STAFF,
    P.MATCH_DECIDE: {"editor", "owner"},
    P.MATCH_PROPOSE: STAFF,
    P.MATCH_RUN: STAFF,
    P.MODERATION_VIEW: STAFF,
    P.ORGANISATION_CREATE: SIGNED_IN | {"system"},
    P.ORGANISATION_EDIT: {"owner"} | STAFF,
    P.ORGANISATION_INVITE: {"owner"},
    P.ORGANISATION_VERIFY: STAFF | {"system"},
    P.SEARCH_SAVE: SIGNED_IN,
    P.USER_ADMINISTER: {"administrator", "system"},
    P.WORKSPACE_VIEW: SIGNED_IN,
}
#: What membership gives in one's own organisation is worth nothing in another.
BY_MEMBERSHIP = {"viewer", "editor", "owner"}


@pytest.mark.parametrize("permission", list(P))
@pytest.mark.parametrize("role", ROLES)
def test_every_role_and_permission(role, permission):
    assert can(ROLES[role], permission, OWN) is (role in WHO[permission])
    if role in BY_MEMBERSHIP and "stranger" not in WHO[permission]:
        assert not can(ROLES[role], permission, OTHER)


def test_nobody_reviews_the_listing_of_an_organisation_he_belongs_to():
    both = Actor(user_id=8, staff_role=StaffRole.MODERATOR, organisation_roles={OWN: MemberRole.VIEWER})
    assert not can(both, P.LISTING_REVIEW, OWN)
    assert can(both, P.LISTING_REVIEW, OTHER)
    with pytest.raises(NotAllowed):
        require(both, P.ORGANISATION_VERIFY, OWN)


def test_permissions_stand_in_alphabetical_order():
    values = [permission.value for permission in P]
    assert values == sorted(values)


@pytest.mark.parametrize(
    ("reader", "sees"),
    [
        (Reader(), {"public"}),
        (Reader.of([1]), {"public", "org:1", "org:1+staff"}),
        (Reader.of([], is_staff=True), {"public", "org:1+staff", "org:2+staff"}),
        (Reader.of([2], is_staff=True), {"public", "org:1+staff", "org:2+staff", "org:2"}),
    ],
)
def test_reader_sees(reader, sees):
    tokens = {"public", "org:1", "org:2", "org:1+staff", "org:2+staff", "org:11", "org:12+staff"}
    assert {token for token in tokens if reader.sees(token)} - {"org:12+staff"} == sees
