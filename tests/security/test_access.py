"""Other people's things, hidden things, fields nobody may set, and the order of steps (security matrix 35 to 40)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from techmart.db import db, unit_of_work
from techmart.errors import IllegalTransition, NotAllowed
from techmart.models.account import User
from techmart.models.event import Event, Notification
from techmart.models.listing import Attachment, Listing
from techmart.models.organisation import Membership, Organisation
from techmart.models.outbox import TOPIC_INDEX, OutboxRow
from techmart.operations import lifecycle
from techmart.operations import listing as listings
from techmart.operations.organisation import invite_member
from techmart.rules.audience import PUBLIC_STATES
from techmart.rules.lifecycle import Action, ListingState
from techmart.rules.policy import MemberRole
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from tests import factories as make
from tests.security.world import KINDS, PASSWORD, browser_of, rules_of

#: A word that stands in no other listing.
SECRET = "zyxhiddenword"
#: One more, which no test types.
UNSEARCHED = "zyxneversaid"
NOT_PUBLIC = [state for state in ListingState if state not in PUBLIC_STATES]


def _sync():
    sync_index(current_engine(), sync_lock_path())
    current_engine().refresh()


@pytest.mark.parametrize("kind", KINDS)
def test_case_35_draft_of_another_organisation(world, kind):
    draft = world.drafts[kind]
    before = (draft.version, draft.title, draft.state)
    for role in ("rival", "newcomer", "moderator", "administrator"):
        browser = world.browser(role)
        for rest in ("", "/edit", "/preview", "/delete", "/act/withdraw"):
            answer = browser.get(f"/{kind}s/{draft.code}{rest}")
            assert answer.status_code == 404, (role, rest)
            assert draft.title not in answer.text
        for rest in (
            "/edit",
            "/autosave",
            "/submit",
            "/delete",
            "/copy",
            "/act/withdraw",
            "/act/confirm",
            "/act/recall",
        ):
            answer = browser.post(f"/{kind}s/{draft.code}{rest}", data={"title": "x", "version": "1"})
            assert answer.status_code == 404, (role, rest)
        answer = browser.get(f"/{kind}s/cn-0000-0000")
        assert answer.status_code == 404
    db.session.refresh(draft)
    assert (draft.version, draft.title, draft.state) == before


def test_case_35_a_code_works_under_its_own_kind_only(world):
    browser = world.browser("owner")
    for kind in KINDS:
        for other in set(KINDS) - {kind}:
            assert browser.get(f"/{other}s/{world.drafts[kind].code}").status_code == 404
            assert browser.get(f"/{other}s/{world.public[kind].code}/edit").status_code == 404


def test_case_35_files_of_a_draft(world):
    draft, public = world.drafts["offer"], world.public["offer"]
    with unit_of_work() as session:
        row = Attachment(
            listing_id=draft.id, sha256="0" * 64, filename="a.pdf", media_type="application/pdf", size_bytes=1
        )
        session.add(row)
    for role in ("nobody", "rival", "newcomer", "moderator", "administrator"):
        browser = world.browser(role)
        for code in (draft.code, public.code, world.drafts["patent"].code):
            assert browser.get(f"/offers/{code}/attachments/{row.id}/a.pdf").status_code == 404, (role, code)
    rival = world.browser("rival")
    own = make.offer(world.rival, ListingState.DRAFT)
    for code in (draft.code, own.code):
        assert rival.post(f"/offers/{code}/attachments/{row.id}/delete").status_code == 404
    assert db.session.get(Attachment, row.id) is not None


def test_case_35_notifications_of_somebody_else(world):
    with unit_of_work() as session:
        row = Notification(user_id=world.people["owner"].id, kind="listing_approved", payload={})
        session.add(row)
    assert world.browser("rival").post(f"/notifications/{row.id}/read").status_code == 404
    world.browser("rival").post("/notifications/read")
    db.session.refresh(row)
    assert row.read_at is None
    assert world.browser("owner").post(f"/notifications/{row.id}/read").status_code == 302


def test_case_35_members_and_invitations_of_another_organisation(world):
    owner = make.actor(world.people["owner"])
    with unit_of_work():
        invite_member(owner, world.institute, email="khach@vidu.example", role=MemberRole.EDITOR, locale="vi")
    invitation = db.session.execute(db.text("SELECT id FROM invitation ORDER BY id DESC")).scalar_one()
    secret = db.session.query(OutboxRow).filter_by(key="khach@vidu.example").one().payload["facts"]["path"]
    rival, own, foreign = world.browser("rival"), world.rival.slug, world.institute.slug
    # Through his own organisation's address as well as through the other's.
    for slug in (own, foreign):
        assert rival.post(f"/organisations/{slug}/invitations/{invitation}/revoke").status_code == 404
        person = world.people["viewer"].id
        assert rival.post(f"/organisations/{slug}/members/{person}/role", data={"role": "none"}).status_code == 404
        assert rival.post(f"/organisations/{slug}/members/{world.people['rival'].id}/role", data={"role": "owner"}) \
            .status_code == (302 if slug == own else 404)  # fmt: skip
    # The link works for the address it was sent to and nobody else.
    assert rival.post(secret).status_code == 404
    assert world.browser("newcomer").post(secret).status_code == 404
    assert world.browser("nobody").post(secret).status_code == 302
    guest = make.user(email="khach@vidu.example")
    assert browser_of(world.app, guest).post(secret).status_code == 302
    assert browser_of(world.app, make.user()).post(secret).status_code == 404


def test_case_36_what_is_not_public_is_nowhere(world):
    hidden = [
        make.listing(kind, world.institute, state, title=f"{SECRET} {state} {kind} {UNSEARCHED}")
        for kind in KINDS
        for state in NOT_PUBLIC
    ]
    _sync()
    codes = [listing.code for listing in hidden]
    for role in ("nobody", "rival"):
        browser = world.browser(role)
        for listing in hidden:
            for rest in ("", "?lang=en", "/", "/preview", "/attachments/1/a.pdf"):
                answer = browser.get(f"/{listing.kind}s/{listing.code}{rest}")
                assert answer.status_code == (302 if (role, rest) == ("nobody", "/preview") else 404)
                assert UNSEARCHED not in answer.text
        pages = {
            str(rule): browser.get(world.address(rule)).data.decode(errors="replace")
            for rule in rules_of(world.app, "GET")
        }
        for words in (SECRET, f"{SECRET} hidden"):
            pages[words] = browser.get("/search", query_string={"q": words}).text
            pages[words, "api"] = browser.get("/api/v1/search", query_string={"q": words}).text
        for where, text in pages.items():
            assert UNSEARCHED not in text, where
            assert not any(code in text for code in codes), where
        for code, listing in zip(codes, hidden, strict=True):
            assert f"/{listing.kind}s/{code}" not in browser.get(f"/search?q={code}").text
            assert json.loads(browser.get(f"/api/v1/search?q={code}").text)["items"] == []


def test_case_37_stale_index_shows_nothing(world):
    """The index still holds what was hidden a moment ago: neither title nor passage comes from it."""
    listing = make.offer(world.institute, title=f"{SECRET}stale một tiêu đề", summary="tóm tắt bí mật")
    _sync()
    stranger = world.browser("nobody")
    assert f"/offers/{listing.code}" in stranger.get(f"/search?q={SECRET}stale").text
    owner = make.actor(world.people["owner"])
    with unit_of_work():
        lifecycle.perform(owner, db.session.get(Listing, listing.id), Action.WITHDRAW)
    page = stranger.get(f"/search?q={SECRET}stale").text
    assert f"/offers/{listing.code}" not in page
    assert "bí mật" not in page
    assert json.loads(stranger.get(f"/api/v1/search?q={SECRET}stale").text)["items"] == []
    _sync()
    answer = json.loads(stranger.get(f"/api/v1/search?q={SECRET}stale").text)
    assert answer["total"] == 0
    assert all(row["count"] == 0 for rows in answer["facets"].values() for row in rows)
    assert list(current_engine().vocabulary(f"x{SECRET}stale", 5)) == [] or answer["total"] == 0


def test_case_37_index_holds_public_things_only(world):
    for kind in KINDS:
        for state in ListingState:
            make.listing(kind, world.institute, state)
    _sync()
    public = {listing.key for listing in db.session.query(Listing) if listing.is_public}
    indexed = {key for key, _version in current_engine().versions() if not key.startswith("organisation:")}
    assert indexed == public
    assert db.session.query(OutboxRow).filter_by(topic=TOPIC_INDEX).count() == 0


def test_case_37_anonymous_demand_is_not_found_by_its_owner(world):
    owner = make.organisation(
        name_vi="Công ty Qwertzuiop Ẩn Danh", slug="qwertzuiop", kind="business", is_suggestable=True
    )
    demand = make.demand(owner, anonymous=True)
    _sync()
    stranger = world.browser("nobody")
    for address in ("/search?q=qwertzuiop", "/api/v1/search?q=qwertzuiop"):
        assert demand.code not in stranger.get(address).text
    for address in (f"/demands/{demand.code}", f"/search?q={demand.code}", f"/api/v1/search?q={demand.code}", "/"):
        assert "wertzuiop" not in stranger.get(address).text, address
    assert demand.code not in stranger.get("/organisations/qwertzuiop").text
    assert "wertzuiop" in world.browser("moderator").get(f"/demands/{demand.code}").text


EXTRA = {
    "state": "published", "audience": "public", "status": "published", "is_staff": "1", "staff_role": "administrator",
    "verified": "1", "verified_at": "2026-01-01", "verified_by_id": "1", "verification_evidence": "x", "code": "CN-2026-9999",
    "id": "999", "created_by_id": "1", "reviewer_id": "1", "published_at": "2020-01-01", "submitted_at": "2020-01-01",
    "confirm_due_on": "2099-01-01", "source": "x", "source_id": "x", "illustrative": "1", "slug": "cuop", "organisation_id": "{rival}",
    "email_confirmed_at": "2020-01-01", "password_hash": "x", "user_id": "1", "with_second_factor": "1", "is_system": "1",
}  # fmt: skip


def test_case_38_fields_that_no_form_has_are_ignored(world):
    extra = {name: value.format(rival=world.rival.id) for name, value in EXTRA.items()}
    owner = world.browser("owner")
    columns = ("id", "code", "state", "audience", "organisation_id", "created_by_id", "reviewer_id", "published_at",
               "submitted_at", "confirm_due_on", "source", "source_id", "illustrative")  # fmt: skip
    for kind in KINDS:
        draft = make.listing(kind, world.institute, ListingState.DRAFT)
        before = {name: getattr(draft, name) for name in columns}
        base = {"title": "Tiêu đề mới", "lang": "vi", "origin": "domestic", "patent_type": "invention", "version": "1"}
        assert owner.post(f"/{kind}s/{draft.code}/edit", data={**extra, **base}).status_code == 302
        db.session.refresh(draft)
        assert draft.title == "Tiêu đề mới"
        assert {name: getattr(draft, name) for name in columns} == before
        answer = owner.post(f"/{kind}s/new", data={**extra, **base})
        made = listings.find_listing(make.actor(world.people["owner"]), kind, answer.headers["Location"].split("/")[2])
        assert (made.state, made.organisation_id, made.source) == (ListingState.DRAFT, world.institute.id, None)

    newcomer = make.user()
    browser = browser_of(world.app, newcomer)
    assert browser.post("/account/", data={**extra, "name": "Lê An", "locale": "vi"}).status_code == 302
    data = {**extra, "name_vi": "Viện Mới", "kind": "institute", "id_type": "none", "staff_role": "administrator"}
    assert browser.post("/organisations/new", data=data).status_code == 302
    db.session.refresh(newcomer)
    assert newcomer.staff_role is None
    made = db.session.query(Organisation).order_by(Organisation.id.desc()).first()
    assert (made.name_vi, made.slug, made.verified_at, made.source, made.illustrative) == (
        "Viện Mới",
        "vien-moi",
        None,
        None,
        False,
    )
    register = {**extra, "name": "Ai Đó", "email": "them@vidu.example", "password": PASSWORD}
    assert world.browser("nobody").post("/accounts/register", data=register).status_code == 200
    row = db.session.query(User).filter_by(email="them@vidu.example").one()
    assert (row.staff_role, row.email_confirmed_at, row.password_hash) == (None, None, None)


def test_case_38_listing_for_an_organisation_one_does_not_belong_to(world):
    both = world.people["editor"]
    second = make.organisation()
    make.member(second, MemberRole.EDITOR, both)
    viewed = make.organisation()
    make.member(viewed, MemberRole.VIEWER, both)
    base = {"title": "Tiêu đề", "lang": "vi", "origin": "domestic"}
    for foreign in (world.rival.id, viewed.id, 10**12, "x", ""):
        answer = browser_of(world.app, both).post("/offers/new", data={**base, "organisation_id": foreign})
        assert answer.status_code == 422, foreign
    with unit_of_work() as session:
        session.query(Membership).filter(Membership.organisation_id.in_([second.id, viewed.id])).delete()
    with pytest.raises(NotAllowed), unit_of_work():
        listings.create_listing(make.actor(both), "offer", world.rival.id, base)


def test_case_39_open_data_has_no_personal_data(world):
    with unit_of_work():
        world.institute.tax_code, world.institute.address = "0100109106", "12 Đường Bí Mật"
        world.institute.is_suggestable = True
    _sync()
    stranger = world.browser("nobody")
    words = [person.email for person in world.people.values()] + [person.name for person in world.people.values()]
    for rule in rules_of(world.app, "GET"):
        if rule.endpoint.startswith("api"):
            text = stranger.get(world.address(rule)).text
            assert not any(word in text for word in (*words, "0100109106", "password", "audience", "@vidu.example")), (
                rule
            )


def test_case_40_nothing_is_published_without_review(world):
    draft = make.offer(world.institute, ListingState.DRAFT)
    owner = world.browser("owner")
    for action in ("approve", "confirm", "mark_transferred", "reopen", "hide", "archive", "mark_due", "publish"):
        assert owner.post(f"/offers/{draft.code}/act/{action}").status_code in (404, 409), action
    db.session.refresh(draft)
    assert draft.state == ListingState.DRAFT
    actor = make.actor(world.people["owner"])
    for state in (
        ListingState.DRAFT,
        ListingState.SUBMITTED,
        ListingState.REJECTED,
        ListingState.WITHDRAWN,
        ListingState.ARCHIVED,
    ):
        listing = make.offer(world.institute, state)
        for action in (Action.APPROVE, Action.CONFIRM):
            with pytest.raises((NotAllowed, IllegalTransition)), unit_of_work():
                lifecycle.perform(actor, db.session.get(Listing, listing.id), action)


def test_case_40_text_changed_after_publication_is_reviewed_again(world):
    listing = make.offer(world.institute)
    data = {"title": "Tiêu đề lén đổi", "lang": "vi", "origin": "domestic", "version": "1", "act": "save"}
    assert world.browser("owner").post(f"/offers/{listing.code}/edit", data=data).status_code == 302
    assert "lén đổi" not in world.browser("nobody").get(f"/offers/{listing.code}").text
    db.session.refresh(listing)
    assert listing.title == make.OFFER["title"]


def test_case_40_nobody_approves_his_own(world):
    insider = make.staff()
    make.member(world.institute, MemberRole.VIEWER, insider)
    waiting = make.offer(world.institute, ListingState.SUBMITTED)
    answer = browser_of(world.app, insider).post(
        f"/moderation/{waiting.code}", data={"decision": "approve", "version": "1"}
    )
    assert answer.status_code == 403
    answer = browser_of(world.app, insider).post(
        f"/organisations/{world.institute.slug}/verify", data={"evidence": "x"}
    )
    assert answer.status_code == 403
    db.session.refresh(waiting)
    assert waiting.state == ListingState.SUBMITTED


def test_case_40_no_step_is_skipped_or_done_twice(world):
    draft = make.offer(world.institute, ListingState.DRAFT)
    owner, moderator = world.browser("owner"), world.browser("moderator")
    decision = {"decision": "approve", "version": str(draft.version)}
    assert moderator.post(f"/moderation/{draft.code}", data=decision).status_code == 404
    for _ in range(2):
        owner.post(f"/offers/{draft.code}/submit")
    db.session.refresh(draft)
    assert draft.state == ListingState.SUBMITTED
    decision["version"] = str(draft.version)
    answers = [moderator.post(f"/moderation/{draft.code}", data=decision) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert owner.post(f"/offers/{draft.code}/delete").status_code == 409
    steps = [
        row.action
        for row in db.session.query(Event).filter_by(subject_kind="listing", subject_id=draft.id).order_by(Event.id)
    ]
    assert steps.count("listing:submit") == 1
    assert steps.count("listing:approve") == 1


def test_case_40_same_form_twice_keeps_the_first(world):
    draft = make.offer(world.institute, ListingState.DRAFT)
    data = {"title": "Lần một", "lang": "vi", "origin": "domestic", "version": str(draft.version)}
    owner = world.browser("owner")
    assert owner.post(f"/offers/{draft.code}/edit", data=data).status_code == 302
    assert owner.post(f"/offers/{draft.code}/edit", data={**data, "title": "Lần hai"}).status_code == 409
    db.session.refresh(draft)
    assert draft.title == "Lần một"


def test_case_40_an_unconfirmed_address_belongs_nowhere(world):
    person = make.member(world.institute, MemberRole.OWNER, make.user(confirmed=False))
    actor = make.actor(person)
    assert dict(actor.organisation_roles) == {}
    assert replace(actor).reader.tokens == {"public"}
    assert browser_of(world.app, person).get(f"/offers/{world.drafts['offer'].code}").status_code == 404
