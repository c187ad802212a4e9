"""Attachments over HTTP: who may add, limits, names, handing over (security matrix 57 to 60, 63, 64)."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote

import pytest

from techmart.db import db, unit_of_work
from techmart.errors import IllegalTransition, NotAllowed, NotFound, UploadRefused
from techmart.models.event import Event
from techmart.models.listing import Attachment
from techmart.models.outbox import OutboxRow
from techmart.operations import attachment as attachments
from techmart.rules.lifecycle import ListingState
from techmart.rules.policy import Actor, MemberRole, StaffRole
from tests import factories as make
from tests.web import upload_files as files

JSON = {"Accept": "application/json"}


@pytest.fixture
def institute(app):
    return make.organisation()


@pytest.fixture
def offer(institute):
    return make.offer(institute, ListingState.DRAFT)


@pytest.fixture
def person(institute):
    return make.member(institute, MemberRole.EDITOR)


@pytest.fixture
def editor(person):
    return make.actor(person)


@pytest.fixture
def client(login, person):
    return login(person)


def _post(client, listing, content, name):
    data = {"file": (BytesIO(content), name)}
    return client.post(f"/offers/{listing.code}/attachments", data=data, headers=JSON)


def _post_megabytes(client, listing, megabytes):
    """A body made by hand: the client's own builder would leave a temporary file open."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'
    body = head + bytes(megabytes * 1024 * 1024) + b"\r\n--x--\r\n"
    address = f"/offers/{listing.code}/attachments"
    return client.post(address, data=body, content_type="multipart/form-data; boundary=x", headers=JSON)


def _row(listing, number=0, size_bytes=1):
    digest, media_type = f"{number:064}", "application/pdf"
    return Attachment(
        listing_id=listing.id, sha256=digest, filename="a.pdf", media_type=media_type, size_bytes=size_bytes
    )


def _add(actor, listing, content=None, name="a.pdf"):
    prepared = attachments.prepare_attachment(name, BytesIO(content or files.pdf()))
    with unit_of_work():
        return attachments.attach(actor, listing, prepared)


def test_add_download_remove(client, offer):
    content = files.pdf()
    answer = _post(client, offer, content, "Đề án số 1.pdf")
    assert answer.status_code == 201
    facts = answer.json["attachments"][0]
    assert facts["filename"] == "Đề án số 1.pdf"
    assert (facts["media_type"], facts["size_bytes"]) == ("application/pdf", len(content))

    address = f"/offers/{offer.code}/attachments/{facts['id']}"
    got = client.get(f"{address}/x.pdf")
    assert (got.status_code, got.data, got.mimetype) == (200, content, "application/pdf")
    assert client.post(f"{address}/delete", headers=JSON).status_code == 204
    assert client.get(f"{address}/x.pdf").status_code == 404
    actions = [event.action for event in db.session.query(Event).filter_by(subject_kind="listing").order_by(Event.id)]
    assert actions == ["listing:attach", "listing:detach"]
    assert db.session.query(OutboxRow).filter_by(topic="index", key=offer.key).count() >= 3


def test_how_a_file_is_handed_over(app, institute, editor):
    offer = make.offer(institute)
    row = _add(editor, offer, files.office(), "Đề án số 1.docx")
    client, address = app.test_client(), f"/offers/{offer.code}/attachments/{row.id}"
    got = client.get(f"{address}/{quote('Đề án số 1.docx')}")
    assert got.status_code == 200
    assert got.headers["Content-Disposition"] == (
        "attachment; filename=\"de an so 1.docx\"; filename*=UTF-8''%C4%90%E1%BB%81%20%C3%A1n%20s%E1%BB%91%201.docx"
    )
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"] == "public, max-age=300"
    assert got.mimetype == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert client.get(f"{address}/x", headers={"If-None-Match": got.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("../../x.pdf", "x.pdf"),
        ("a\0.pdf", "a.pdf"),
        ('x"\r\nSet-Cookie: a=b.pdf', "x_ Set-Cookie_ a=b.pdf"),
        ("C:\\tai lieu\\a.pdf", "a.pdf"),
        ("gia\u202efdp.pdf", "giafdp.pdf"),
        ("d" * 300 + ".pdf", "d" * 116 + ".pdf"),
    ],
)
def test_names_are_made_safe(client, editor, offer, given, stored):
    row = _add(editor, offer, name=given)
    assert row.filename == stored
    got = client.get(f"/offers/{offer.code}/attachments/{row.id}/x")
    assert got.status_code == 200
    assert "\n" not in got.headers["Content-Disposition"]


@pytest.mark.parametrize("name", ["a.php", "a.svg", "a.html", "a.docm", "a.php.pdf", "a"])
def test_a_refusal_says_why(client, editor, offer, name):
    answer = _post(client, offer, files.pdf(), name)
    assert answer.status_code == 422
    assert answer.json["problems"][0].startswith(f"{name}: Chỉ nhận tệp PDF")


def test_one_bad_file_does_not_keep_the_others_out(client, editor, offer):
    data = {"file": [(BytesIO(files.pdf()), "a.pdf"), (BytesIO(b""), "b.pdf"), (BytesIO(files.picture()), "c.jpg")]}
    answer = client.post(f"/offers/{offer.code}/attachments", data=data, headers=JSON)
    assert answer.status_code == 422
    assert [row["filename"] for row in answer.json["attachments"]] == ["a.pdf", "c.jpg"]
    assert answer.json["problems"] == ["b.pdf: Tệp rỗng, không có nội dung."]


def test_nothing_chosen(client, editor, offer):
    assert client.post(f"/offers/{offer.code}/attachments", data={}, headers=JSON).status_code == 422


def test_21_and_23_megabytes(client, editor, offer):
    answer = _post_megabytes(client, offer, 21)
    assert answer.status_code == 422
    assert "tối đa 20 MB" in answer.json["problems"][0]
    assert _post_megabytes(client, offer, 23).status_code == 413


def test_the_same_file_twice_is_one(editor, offer):
    assert _add(editor, offer).id == _add(editor, offer).id


def test_eleven_files(client, offer):
    with unit_of_work() as session:
        session.add_all(_row(offer, number) for number in range(10))
    answer = _post(client, offer, files.pdf(), "a.pdf")
    assert answer.status_code == 422
    assert "tối đa 10 tệp" in answer.json["problems"][0]


def test_the_quota_of_an_organisation_counts_all_its_listings(client, institute, offer):
    other = make.offer(institute, ListingState.DRAFT)
    with unit_of_work() as session:
        session.add(_row(other, size_bytes=200 * 1024 * 1024 - 10))
    answer = _post(client, offer, files.pdf(), "a.pdf")
    assert answer.status_code == 422
    assert "200 MB" in answer.json["problems"][0]


def test_a_draft_is_not_there_for_others(app, client, login, editor, offer):
    row = _add(editor, offer)
    address = f"/offers/{offer.code}/attachments/{row.id}/a.pdf"
    stranger, nobody = login(make.member(make.organisation())), app.test_client()
    assert client.get(address).status_code == 200
    for outsider in (stranger, nobody, login(make.staff())):
        assert outsider.get(address).status_code == 404
    assert _post(stranger, offer, files.pdf(), "a.pdf").status_code == 404
    assert stranger.post(f"/offers/{offer.code}/attachments/{row.id}/delete", headers=JSON).status_code == 404
    assert nobody.post(f"/offers/{offer.code}/attachments").status_code == 302
    assert client.get(address.replace("offers", "patents")).status_code == 404
    assert client.get(address.replace(offer.code, make.offer().code)).status_code == 404
    assert client.get(address.replace(f"/{row.id}/", f"/{10**30}/")).status_code == 404


def test_strangers_may_not_add_to_what_is_public(login, institute):
    stranger = login(make.member(make.organisation()))
    assert _post(stranger, make.offer(institute), files.pdf(), "a.pdf").status_code == 404


def test_a_form_comes_back_to_the_edit_page(client, offer):
    answer = client.post(f"/offers/{offer.code}/attachments", data={"file": (BytesIO(b""), "a.pdf")})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/offers/{offer.code}/edit#attachments"


def test_private_files_are_not_cached(client, editor, offer):
    got = client.get(f"/offers/{offer.code}/attachments/{_add(editor, offer).id}/a.pdf")
    assert "no-store" in got.headers["Cache-Control"]


def test_an_attachment_of_another_listing_cannot_be_removed_through_ones_own(editor, institute, offer):
    row = _add(editor, make.offer(institute, ListingState.DRAFT))
    with pytest.raises(NotFound), unit_of_work():
        attachments.remove_attachment(editor, offer, row.id)


@pytest.mark.parametrize("state", [ListingState.CHANGES_REQUESTED, ListingState.PUBLISHED, ListingState.STALE])
def test_states_that_take_files(editor, institute, state):
    assert _add(editor, make.offer(institute, state)).id


@pytest.mark.parametrize("state", [ListingState.SUBMITTED, ListingState.WITHDRAWN, ListingState.REJECTED])
def test_states_that_do_not(editor, institute, state):
    listing = make.offer(institute, state)
    with pytest.raises(IllegalTransition):
        attachments.find_attachable(editor, "offer", listing.code)


def test_viewers_and_staff_may_not_add(institute):
    public = make.offer(institute)
    viewer = Actor(user_id=1, organisation_roles={institute.id: MemberRole.VIEWER})
    moderator = Actor(user_id=2, staff_role=StaffRole.MODERATOR)
    for actor in (viewer, moderator):
        with pytest.raises(NotAllowed):
            attachments.find_attachable(actor, "offer", public.code)


def test_a_refused_file_leaves_nothing_on_disk(app, editor, offer):
    with pytest.raises(UploadRefused):
        attachments.prepare_attachment("a.pdf", BytesIO(files.pdf(script=True)))
    assert [path for path in app.config["SETTINGS"].upload_dir.rglob("*") if path.is_file()] == []


def test_the_sweep_takes_old_orphans_only(app, editor, offer):
    kept = attachments.open_attachment(editor, "offer", offer.code, _add(editor, offer).id)[1]
    assert kept.stat().st_mode & 0o077 == 0
    orphan = app.config["SETTINGS"].upload_dir / "ab" / "cd" / ("abcd" + "0" * 60)
    young = orphan.with_name("abcd" + "1" * 60)
    orphan.parent.mkdir(parents=True)
    for path in (orphan, young):
        path.write_bytes(b"x")
    long_ago = time.time() - timedelta(days=2).total_seconds()
    for path in (orphan, kept):
        os.utime(path, (long_ago, long_ago))
    assert attachments.sweep_uploads() == 1
    assert (kept.exists(), orphan.exists(), young.exists()) == (True, False, True)
