"""Use cases of organisations: create, describe, members, invitations, verification."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from techmart.db import db
from techmart.errors import InvalidFields, InvalidToken, NotFound, StaleVersion
from techmart.models.account import User
from techmart.models.listing import Listing
from techmart.models.organisation import Invitation, Membership, Organisation
from techmart.operations.event import record_event
from techmart.operations.mail import send_mail
from techmart.operations.notification import notify
from techmart.operations.token import hash_secret, new_secret
from techmart.operations.visibility import visible_to
from techmart.rules.clock import utc_now
from techmart.rules.identifiers import tax_code_problem
from techmart.rules.policy import Actor, MemberRole, Permission, can, require
from techmart.rules.text import slugify
from techmart.rules.vocabulary import organisation_kinds, provinces, sectors

INVITATION_LIFETIME = timedelta(days=14)

#: What the form may set. Verification, source and members have use cases of their own.
EDITABLE_FIELDS = (
    "kind", "name_vi", "name_en", "id_type", "tax_code", "sectors", "province_code", "address", "website", "capability",
    "founded_year", "is_suggestable",
)  # fmt: skip

#: What verification vouches for; whoever changes it loses the badge.
_IDENTITY_FIELDS = frozenset({"name_vi", "tax_code", "id_type", "kind"})

_URL = re.compile(r"https?://[^\s<>\"']{3,290}")


def create_organisation(actor: Actor, content: Mapping[str, Any]) -> Organisation:  # Any: form values
    """A new organisation owned by the actor. Raises NotAllowed, InvalidFields."""
    require(actor, Permission.ORGANISATION_CREATE)
    values = _checked(content, organisation_id=None)
    organisation = Organisation(slug=_free_slug(values["name_vi"]), **values)
    db.session.add(organisation)
    db.session.flush()
    if actor.user_id is not None:
        db.session.add(Membership(organisation_id=organisation.id, user_id=actor.user_id, role=MemberRole.OWNER))
    record_event(actor, "organisation", organisation.id, "create")
    return organisation


def change_organisation(
    actor: Actor,
    organisation: Organisation,
    content: Mapping[str, Any],
    *,
    version: int,  # Any: form values
) -> Organisation:
    """Save the form. A changed name or tax code takes the verification away, which was given for the old one.

    Raises NotAllowed, StaleVersion, InvalidFields.
    """
    require(actor, Permission.ORGANISATION_EDIT, organisation.id)
    if organisation.version != version:
        raise StaleVersion(given=version, current=organisation.version)
    values = _checked(content, organisation_id=organisation.id)
    changes = {
        name: [getattr(organisation, name), value]
        for name, value in values.items()
        if getattr(organisation, name) != value
    }
    for name, (_old, value) in changes.items():
        setattr(organisation, name, value)
    loses_badge = organisation.is_verified and not can(actor, Permission.ORGANISATION_VERIFY, organisation.id)
    if loses_badge and _IDENTITY_FIELDS & changes.keys():
        organisation.verified_at = organisation.verified_by_id = organisation.verification_evidence = None
        changes["verified"] = [True, False]
    if changes:
        record_event(actor, "organisation", organisation.id, "change", changes=changes)
    return organisation


def verify_organisation(actor: Actor, organisation: Organisation, *, evidence: str) -> None:
    """Staff state that the organisation is who it says, and on what evidence. Raises NotAllowed, InvalidFields."""
    require(actor, Permission.ORGANISATION_VERIFY, organisation.id)
    if not evidence.strip():
        raise InvalidFields({"evidence": ["required"]})
    organisation.verified_at = utc_now()
    organisation.verified_by_id = actor.user_id
    organisation.verification_evidence = evidence.strip()[:500]
    record_event(actor, "organisation", organisation.id, "verify", reason=evidence.strip())
    _tell_owners(organisation, "organisation_verified")


def revoke_verification(actor: Actor, organisation: Organisation, *, reason: str) -> None:
    """Take the badge away, with a reason the owners are told. Raises NotAllowed, InvalidFields."""
    require(actor, Permission.ORGANISATION_VERIFY, organisation.id)
    if not reason.strip():
        raise InvalidFields({"reason": ["required"]})
    organisation.verified_at = organisation.verified_by_id = organisation.verification_evidence = None
    record_event(actor, "organisation", organisation.id, "revoke_verification", reason=reason.strip())
    _tell_owners(organisation, "organisation_verification_revoked", reason=reason.strip())


def find_organisation(slug: str) -> Organisation:
    """The organisation at `/organisations/SLUG`; raises NotFound."""
    organisation = db.session.scalar(select(Organisation).where(Organisation.slug == slug))
    if organisation is None:
        raise NotFound
    return organisation


def list_own_organisations(actor: Actor) -> Sequence[Organisation]:
    """The organisations the actor belongs to, by name."""
    statement = select(Organisation).where(Organisation.id.in_(actor.organisation_roles)).order_by(Organisation.name_vi)
    return db.session.scalars(statement).all()


def list_public_listings(actor: Actor, organisation: Organisation, *, limit: int = 60) -> Sequence[Listing]:
    """What the reader may see of the organisation's listings, newest first. Anonymous demands stay anonymous."""
    statement = (
        select(Listing)
        .where(Listing.organisation_id == organisation.id, visible_to(actor.reader))
        .order_by(Listing.published_at.desc(), Listing.id.desc())
        .limit(limit)
    )
    is_inside = organisation.id in actor.organisation_roles or actor.is_staff
    return [row for row in db.session.scalars(statement) if is_inside or not getattr(row, "anonymous", False)]


def invite_member(actor: Actor, organisation: Organisation, *, email: str, role: MemberRole, locale: str) -> None:
    """Mail an invitation. Raises NotAllowed, InvalidFields when the address is a member already."""
    require(actor, Permission.ORGANISATION_INVITE, organisation.id)
    email = email.strip().lower()
    if any(member.user.email == email for member in organisation.members):
        raise InvalidFields({"email": ["already_member"]})
    now, secret = utc_now(), new_secret()
    for earlier in _open_invitations(organisation.id, email=email):
        earlier.revoked_at = now
    assert actor.user_id is not None
    db.session.add(
        Invitation(
            organisation_id=organisation.id, email=email, role=role, token_hash=hash_secret(secret),
            invited_by_id=actor.user_id, expires_at=now + INVITATION_LIFETIME,
        )
    )  # fmt: skip
    record_event(actor, "organisation", organisation.id, "invite", changes={"role": [None, role]})
    send_mail(
        email,
        "invitation",
        locale=locale,
        organisation=organisation.name_vi,
        role=role,
        path=f"/organisations/join/{secret}",
    )


def peek_invitation(secret: str) -> Invitation:
    """The open invitation behind a mailed link; raises InvalidToken."""
    row = db.session.scalar(select(Invitation).where(Invitation.token_hash == hash_secret(secret)))
    if row is None or row.accepted_at or row.revoked_at or row.expires_at <= utc_now():
        raise InvalidToken
    return row


def accept_invitation(actor: Actor, secret: str) -> Organisation:
    """Join with a mailed link, signed in under the invited, confirmed address. Raises InvalidToken."""
    row = peek_invitation(secret)
    user = db.session.get(User, actor.user_id) if actor.user_id else None
    if user is None or user.email != row.email or user.email_confirmed_at is None:
        raise InvalidToken
    row.accepted_at = utc_now()
    membership = _membership(row.organisation_id, user.id)
    if membership is None:
        db.session.add(Membership(organisation_id=row.organisation_id, user_id=user.id, role=row.role))
    record_event(actor, "organisation", row.organisation_id, "join", changes={"role": [None, row.role]})
    return row.organisation


def revoke_invitation(actor: Actor, organisation: Organisation, invitation_id: int) -> None:
    """Make an open invitation worthless. Raises NotAllowed, NotFound."""
    require(actor, Permission.ORGANISATION_INVITE, organisation.id)
    row = db.session.get(Invitation, invitation_id)
    if row is None or row.organisation_id != organisation.id:
        raise NotFound
    row.revoked_at = row.revoked_at or utc_now()


def list_open_invitations(actor: Actor, organisation: Organisation) -> Sequence[Invitation]:
    """Invitations nobody has answered yet. Raises NotAllowed."""
    require(actor, Permission.ORGANISATION_INVITE, organisation.id)
    return _open_invitations(organisation.id)


def change_member_role(actor: Actor, organisation: Organisation, user_id: int, role: MemberRole | None) -> None:
    """Give a member another role, or (None) end the membership; anyone may leave by himself.

    Raises NotAllowed, NotFound, InvalidFields when no owner would be left.
    """
    if not (role is None and user_id == actor.user_id):
        require(actor, Permission.ORGANISATION_INVITE, organisation.id)
    membership = _membership(organisation.id, user_id)
    if membership is None:
        raise NotFound
    if membership.role == MemberRole.OWNER and role is not MemberRole.OWNER:
        owners = select(func.count()).where(
            Membership.organisation_id == organisation.id, Membership.role == MemberRole.OWNER
        )
        if (db.session.scalar(owners) or 0) <= 1:
            raise InvalidFields({"role": ["last_owner"]})
    record_event(actor, "organisation", organisation.id, "change_role", changes={"role": [membership.role, role]})
    if role is None:
        db.session.delete(membership)
    else:
        membership.role = role


def owners_of(organisation_id: int) -> Sequence[User]:
    """Active owners and editors: whom decisions on listings are told."""
    statement = (
        select(User)
        .join(Membership)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.role.in_((MemberRole.OWNER, MemberRole.EDITOR)),
            User.disabled_at.is_(None),
            User.email_confirmed_at.is_not(None),
        )
        .order_by(User.id)
    )
    return db.session.scalars(statement).all()


def _tell_owners(organisation: Organisation, kind: str, **facts: str) -> None:
    for user in owners_of(organisation.id):
        notify(user.id, kind, organisation=organisation.name_vi, slug=organisation.slug, **facts)
        send_mail(
            user.email, kind, locale=user.locale, name=user.name, organisation=organisation.name_vi,
            path=f"/organisations/{organisation.slug}", **facts,
        )  # fmt: skip


def _membership(organisation_id: int, user_id: int) -> Membership | None:
    return db.session.scalar(
        select(Membership).where(Membership.organisation_id == organisation_id, Membership.user_id == user_id)
    )


def _open_invitations(organisation_id: int, *, email: str | None = None) -> Sequence[Invitation]:
    statement = select(Invitation).where(
        Invitation.organisation_id == organisation_id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > utc_now(),
    )
    if email is not None:
        statement = statement.where(Invitation.email == email)
    return db.session.scalars(statement.order_by(Invitation.id)).all()


def _checked(content: Mapping[str, Any], *, organisation_id: int | None) -> dict[str, Any]:  # Any: form values
    """The editable values, normalised; raises InvalidFields with every problem."""
    values = {name: content[name] for name in EDITABLE_FIELDS if name in content}
    problems: dict[str, list[str]] = {}
    if not str(values.get("name_vi", "")).strip():
        problems["name_vi"] = ["required"]
    if values.get("kind") not in organisation_kinds():
        problems["kind"] = ["unknown_value"]
    if values.get("province_code") and values["province_code"] not in provinces():
        problems["province_code"] = ["unknown_value"]
    if set(values.get("sectors") or ()) - sectors().keys():
        problems["sectors"] = ["unknown_value"]
    if values.get("website") and not _URL.fullmatch(values["website"]):
        problems["website"] = ["bad_url"]
    values["province_code"] = values.get("province_code") or None
    _check_tax_code(values, organisation_id, problems)
    if problems:
        raise InvalidFields(problems)
    return values


def _check_tax_code(values: dict[str, Any], organisation_id: int | None, problems: dict[str, list[str]]) -> None:
    """Check digits of a tax code (mã số thuế) or the shape of a personal number; two organisations cannot share one."""
    code = re.sub(r"[\s.\-]", "", str(values.get("tax_code") or ""))
    values["tax_code"] = code or None
    values["id_type"] = values.get("id_type") or "none"
    if values["id_type"] == "none":
        values["tax_code"] = None
        return
    if values["id_type"] != "foreign" and (problem := tax_code_problem(code, values["id_type"])):
        problems["tax_code"] = [problem]
        return
    if not code:
        return
    other = db.session.scalar(select(Organisation.id).where(Organisation.tax_code == code))
    if other is not None and other != organisation_id:
        problems["tax_code"] = ["taken"]


def _free_slug(name: str) -> str:
    base = slugify(name)[:60] or "to-chuc"
    slug, number = base, 2
    while db.session.scalar(select(Organisation.id).where(Organisation.slug == slug)) is not None:
        slug, number = f"{base}-{number}", number + 1
    return slug
