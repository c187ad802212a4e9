"""Who may do what. Routes name the coarse permission, operations ask `require` about the object, templates ask `can`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from techmart.errors import NotAllowed
from techmart.rules.reader import Reader


class StaffRole(StrEnum):
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"


class MemberRole(StrEnum):
    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class Permission(StrEnum):
    """`resource:action`, in alphabetical order."""

    ACCOUNT_MANAGE = "account:manage"
    ATTACHMENT_ADD = "attachment:add"
    DEMAND_HELP = "demand:help"
    EXPORT_MAKE = "export:make"
    GLOSSARY_MANAGE = "glossary:manage"
    LISTING_AGE = "listing:age"
    LISTING_CONFIRM = "listing:confirm"
    LISTING_CREATE = "listing:create"
    LISTING_EDIT = "listing:edit"
    LISTING_IMPORT = "listing:import"
    LISTING_REVIEW = "listing:review"
    LISTING_SUBMIT = "listing:submit"
    LISTING_WITHDRAW = "listing:withdraw"
    MATCH_DECIDE = "match:decide"
    MATCH_PROPOSE = "match:propose"
    MATCH_RUN = "match:run"
    MODERATION_VIEW = "moderation:view"
    ORGANISATION_CREATE = "organisation:create"
    ORGANISATION_EDIT = "organisation:edit"
    ORGANISATION_INVITE = "organisation:invite"
    ORGANISATION_VERIFY = "organisation:verify"
    SEARCH_SAVE = "search:save"
    USER_ADMINISTER = "user:administer"
    WORKSPACE_VIEW = "workspace:view"


@dataclass(frozen=True)
class Actor:
    """Who acts: plain facts, so that operations work the same from a page, a command or a job."""

    user_id: int | None = None
    staff_role: StaffRole | None = None
    organisation_roles: Mapping[int, MemberRole] = field(default_factory=dict)
    is_system: bool = False

    @property
    def is_staff(self) -> bool:
        return self.staff_role is not None

    @property
    def reader(self) -> Reader:
        return Reader.of(self.organisation_roles, is_staff=self.is_staff or self.is_system)


ANONYMOUS = Actor()
SYSTEM = Actor(is_system=True)

Rule = Callable[[Actor, int | None], bool]


def _signed_in(actor: Actor, _organisation_id: int | None) -> bool:
    return actor.user_id is not None


def _system(actor: Actor, _organisation_id: int | None) -> bool:
    return actor.is_system


def _staff(actor: Actor, _organisation_id: int | None) -> bool:
    return actor.is_staff


def _administrator(actor: Actor, _organisation_id: int | None) -> bool:
    return actor.staff_role is StaffRole.ADMINISTRATOR


def _staff_of_no_party(actor: Actor, organisation_id: int | None) -> bool:
    """Staff who do not belong to the organisation: nobody reviews his own listing."""
    return actor.is_staff and organisation_id not in actor.organisation_roles


def _editor(actor: Actor, organisation_id: int | None) -> bool:
    """Owner or editor of the organisation; asked without an organisation: of any."""
    roles = (MemberRole.OWNER, MemberRole.EDITOR)
    if organisation_id is None:
        return any(role in roles for role in actor.organisation_roles.values())
    return actor.organisation_roles.get(organisation_id) in roles


def _owner(actor: Actor, organisation_id: int | None) -> bool:
    if organisation_id is None:
        return MemberRole.OWNER in actor.organisation_roles.values()
    return actor.organisation_roles.get(organisation_id) is MemberRole.OWNER


#: Reads as: this may be done by anyone for whom one of the rules holds.
WHO_MAY: Mapping[Permission, tuple[Rule, ...]] = {
    Permission.ACCOUNT_MANAGE: (_signed_in,),
    Permission.ATTACHMENT_ADD: (_editor,),
    Permission.DEMAND_HELP: (_staff_of_no_party,),
    Permission.EXPORT_MAKE: (_signed_in,),
    Permission.GLOSSARY_MANAGE: (_staff, _system),
    Permission.LISTING_AGE: (_system, _staff_of_no_party),
    Permission.LISTING_CONFIRM: (_editor,),
    Permission.LISTING_CREATE: (_editor,),
    Permission.LISTING_EDIT: (_editor, _system),
    Permission.LISTING_IMPORT: (_administrator, _system),
    Permission.LISTING_REVIEW: (_staff_of_no_party, _system),
    Permission.LISTING_SUBMIT: (_editor, _system),
    Permission.LISTING_WITHDRAW: (_editor, _staff),
    Permission.MATCH_DECIDE: (_editor,),
    Permission.MATCH_PROPOSE: (_staff_of_no_party,),
    Permission.MATCH_RUN: (_staff,),
    Permission.MODERATION_VIEW: (_staff,),
    Permission.ORGANISATION_CREATE: (_signed_in, _system),
    Permission.ORGANISATION_EDIT: (_owner, _staff),
    Permission.ORGANISATION_INVITE: (_owner,),
    Permission.ORGANISATION_VERIFY: (_staff_of_no_party, _system),
    Permission.SEARCH_SAVE: (_signed_in,),
    Permission.USER_ADMINISTER: (_administrator, _system),
    Permission.WORKSPACE_VIEW: (_signed_in,),
}

_STAFF_RULES = frozenset({_staff, _administrator, _staff_of_no_party, _system})
#: What only staff may do: asked for the second factor first.
STAFF_PERMISSIONS = frozenset(permission for permission, rules in WHO_MAY.items() if _STAFF_RULES.issuperset(rules))


def can(actor: Actor, permission: Permission, organisation_id: int | None = None) -> bool:
    """Whether `actor` may do this to a thing of `organisation_id` (None: to some thing at all)."""
    return any(rule(actor, organisation_id) for rule in WHO_MAY[permission])


def require(actor: Actor, permission: Permission, organisation_id: int | None = None) -> None:
    """Raises NotAllowed unless `can`."""
    if not can(actor, permission, organisation_id):
        raise NotAllowed(permission)
