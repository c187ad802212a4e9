"""Other people's things and hidden things (security matrix 35 to 37, 39)."""

from __future__ import annotations

import json

import pytest

from techmart.db import db, unit_of_work
from techmart.models.event import Notification
from techmart.models.listing import Attachment, Listing
from techmart.models.outbox import TOPIC_INDEX, OutboxRow
from techmart.operations import lifecycle
from techmart.operations.organisation import invite_member
from techmart.rules.audience import PUBLIC_STATES
from techmart.rules.lifecycle import Action, ListingState
from techmart.rules.policy import MemberRole
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from tests import factories as make
from tests.security.world import KINDS, browser_of, rules_of

#: A word that stands in no other listing.

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
