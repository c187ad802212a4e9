"""Moderation and notification pages in the browser's eyes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import db, unit_of_work
from techmart.models.event import Notification
from techmart.models.listing import Attachment, Listing
from techmart.operations.listing import edit_state, save_listing, submit_listing
from techmart.operations.notification import notify
from techmart.rules.lifecycle import Action, ListingState
from techmart.rules.policy import MemberRole
from techmart.rules.risk import RiskFlag
from techmart.web.field_names import FIELD_NAMES, field_value
from techmart.web.notification_words import line_of
from techmart.web.review_words import FLAGS, STEPS
from tests import factories as make

Login = Callable[..., FlaskClient]


@pytest.fixture
def desk(app: Flask, login: Login) -> FlaskClient:
    """A moderator's browser."""
    return login(make.staff())


def answer(listing: Listing, decision: str, **fields: str) -> dict[str, str]:
    """The form of a decision on a listing that waits itself."""
    return {"version": str(listing.version), "revision": "", "decision": decision, **fields}


def state_of(listing: Listing) -> str:
    db.session.refresh(listing)
    return listing.state


class TestPermission:
    @pytest.mark.parametrize("path", ["/moderation", "/moderation/CN-2026-0001"])
    def test_members_are_kept_out(self, path: str, login: Login, client: FlaskClient) -> None:
        person = make.user()
        make.organisation(person)
        assert login(person).get(path).status_code == 403
        assert client.get(path).status_code == 302

    def test_unknown_codes_and_drafts_look_alike(self, desk: FlaskClient) -> None:
        draft = make.offer(state="draft")
        assert desk.get(f"/moderation/{draft.code}").status_code == 404
        assert desk.get("/moderation/CN-2026-9999").status_code == 404

    def test_own_listing_offers_no_decision(self, login: Login) -> None:
        person, own = make.staff(), make.organisation()
        make.member(own, MemberRole.VIEWER, person)
        listing = make.offer(own, "submitted")
        desk = login(person)
        assert 'name="decision"' not in desk.get(f"/moderation/{listing.code}").text
        assert desk.post(f"/moderation/{listing.code}", data=answer(listing, "approve")).status_code == 403
        assert state_of(listing) == ListingState.SUBMITTED


class TestQueue:
    def test_empty(self, desk: FlaskClient) -> None:
        assert "Hàng chờ trống" in desk.get("/moderation").text
        assert "Xem mọi loại tin" in desk.get("/moderation?kind=patent").text

    def test_lists_what_waits(self, desk: FlaskClient) -> None:
        shown, other = (
            make.offer(state="submitted", title="Máy đo <b>độ mặn</b> cầm tay"),
            make.demand(state="submitted"),
        )
        page = desk.get("/moderation?kind=offer&sort=risk").text
        assert shown.code in page
        assert other.code not in page
        assert "&lt;b&gt;" in page
        assert "<b>độ mặn" not in page

    def test_odd_parameters_fall_back(self, desk: FlaskClient) -> None:
        assert desk.get("/moderation?kind=x&sort=%00").status_code == 200


class TestDecision:
    def test_approval_opens_the_next_item(self, desk: FlaskClient) -> None:
        first, second = make.offer(state="submitted"), make.demand(state="submitted")
        response = desk.post(f"/moderation/{first.code}", data=answer(first, "approve"))
        assert response.status_code == 302
        assert response.location.endswith(f"/moderation/{second.code}")
        assert state_of(first) == ListingState.PUBLISHED
        response = desk.post(f"/moderation/{second.code}", data=answer(second, "approve"))
        assert response.location.endswith("/moderation")

    @pytest.mark.parametrize("decision", ["request_changes", "reject"])
    def test_reason_is_asked_for_and_what_was_typed_is_kept(self, desk: FlaskClient, decision: str) -> None:
        listing = make.offer(state="submitted")
        response = desk.post(f"/moderation/{listing.code}", data=answer(listing, decision))
        assert response.status_code == 422
        assert "Hãy viết lý do" in response.text
        long = "Cần số liệu đo. " * 200
        response = desk.post(f"/moderation/{listing.code}", data=answer(listing, decision, reason=long))
        assert response.status_code == 422
        assert long.strip() in response.text
        assert state_of(listing) == ListingState.SUBMITTED

    def test_a_picked_reply_is_a_reason(self, app: Flask, desk: FlaskClient) -> None:
        owner = make.user()
        listing = make.offer(make.organisation(owner), "submitted")
        desk.post(f"/moderation/{listing.code}", data=answer(listing, "request_changes", reply="contact"))
        assert state_of(listing) == ListingState.CHANGES_REQUESTED
        told = db.session.query(Notification).filter_by(user_id=owner.id).one()
        with app.test_request_context():
            assert "số điện thoại" in line_of(told).reason

    def test_a_changed_text_is_shown_again_with_the_reason_kept(self, desk: FlaskClient) -> None:
        listing = make.offer(state="submitted")
        form = {**answer(listing, "reject", reason="Trùng tin cũ."), "version": "77"}
        response = desk.post(f"/moderation/{listing.code}", data=form)
        assert response.status_code == 409
        assert "Trùng tin cũ." in response.text
        assert f'name="version" type="hidden" value="{listing.version}"' in response.text

    @pytest.mark.parametrize("version", ["", "-1", "x", "9" * 40])
    def test_a_forged_version_is_no_version(self, desk: FlaskClient, version: str) -> None:
        listing = make.offer(state="submitted")
        form = {**answer(listing, "approve"), "version": version}
        assert desk.post(f"/moderation/{listing.code}", data=form).status_code == 409

    def test_an_unknown_decision_is_refused(self, desk: FlaskClient) -> None:
        listing = make.offer(state="submitted")
        assert desk.post(f"/moderation/{listing.code}", data=answer(listing, "archive")).status_code == 422

    def test_what_another_decided_meanwhile(self, desk: FlaskClient) -> None:
        listing = make.offer(state="published")
        response = desk.post(f"/moderation/{listing.code}", data=answer(listing, "approve"))
        assert response.location.endswith("/moderation")
        assert "không còn chờ duyệt" in desk.get("/moderation").text


def test_review_of_a_revision_shows_words_added_and_removed(desk: FlaskClient) -> None:
    person = make.user()
    listing = make.offer(make.organisation(person), objects=["process"], trl=6)
    actor = make.actor(person)
    with unit_of_work():
        changed = {
            "advantage": listing.advantage.replace("40 %", "35 %"),
            "objects": ["process", "equipment"],
            "trl": 7,
        }
        save_listing(actor, listing, changed, version=edit_state(listing).version)
        submit_listing(actor, listing)
    page = desk.get(f"/moderation/{listing.code}").text
    assert "3 mục khác với bản đang đăng" in page
    assert '<del><span class="vh">bỏ: </span>40</del>' in page
    assert '<ins><span class="vh">thêm: </span>35</ins>' in page
    assert "TRL 6</del>" in page
    assert "TRL 7</ins>" in page
    assert "Máy móc, thiết bị đi kèm công nghệ</ins>" in page
    assert "quy trình công nghệ</del>" not in page
    assert page.count("<h1") == 1
    assert page.count("btn-cta") == 1


def test_review_lists_attachments(desk: FlaskClient) -> None:
    listing = make.offer(state="submitted")
    with unit_of_work() as session:
        file = Attachment(
            listing_id=listing.id,
            sha256="0" * 64,
            filename="Biên bản <1>.pdf",
            media_type="application/pdf",
            size_bytes=2049,
        )
        session.add(file)
    page = desk.get(f"/moderation/{listing.code}").text
    assert "Biên bản &lt;1&gt;.pdf</a>" in page
    assert f"/offers/{listing.code}/attachments/{file.id}/" in page
    assert "3 kB" in page


class TestNotifications:
    def test_list_and_marking(self, login: Login) -> None:
        person = make.user()
        with unit_of_work():
            notify(
                person.id, "listing_rejected", title="Máy đo", code="CN-2026-0007", kind="offer", reason="Trùng tin."
            )
            notify(person.id, "organisation_verified", organisation="Viện Sông Trà", slug="vien-song-tra")
            notify(person.id, "of_tomorrow", anything=1)
        browser = login(person)
        page = browser.get("/notifications").text
        assert "“Máy đo” (CN-2026-0007)" in page
        assert "Trùng tin." in page
        assert "/organisations/vien-song-tra" in page
        assert "3<span" in browser.get("/").text
        row = db.session.query(Notification).filter_by(kind="listing_rejected").one()
        assert browser.post(f"/notifications/{row.id}/read").status_code == 302
        assert "2<span" in browser.get("/").text
        browser.post("/notifications/read")
        assert "thông báo chưa đọc" not in browser.get("/").text

    def test_nobody_marks_those_of_others(self, login: Login, client: FlaskClient) -> None:
        person = make.user()
        with unit_of_work():
            notify(person.id, "listing_due", title="Máy đo", code="CN-2026-0007")
        row = db.session.query(Notification).one()
        assert login(make.user()).post(f"/notifications/{row.id}/read").status_code == 404
        assert client.get("/notifications").status_code == 302

    def test_a_path_never_leads_off_the_site(self, app: Flask) -> None:
        with app.test_request_context():
            for path in ("//evil.example", "https://evil.example", "javascript:alert(1)"):
                assert line_of(Notification(kind="listing_due", payload={"path": path})).href == ""


def test_everything_has_words() -> None:
    assert set(FLAGS) == set(RiskFlag)
    assert set(STEPS) == {action.value for action in Action}
    assert {name for kind in make.CONTENT for name in make.content_names(kind)} == set(FIELD_NAMES)


def test_values_in_words(app: Flask) -> None:
    with app.test_request_context():
        assert field_value("price_min_vnd", 0) != ""
        assert field_value("keywords", []) == ""
        assert field_value("objects", ["process", "gone"]) == "Phương án, quy trình công nghệ; gone"
        assert field_value("figures", [{"name": "COD", "value": "68", "unit": "mg/l"}]) == "COD: 68 mg/l"
        assert field_value("ip_status", "granted", "patent") == "Đang có hiệu lực"
        assert field_value("ip_status", "granted", "offer") == "Đã được cấp văn bằng"
