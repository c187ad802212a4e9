"""Pages of listings over HTTP: who sees what, saving, conflicts, submission, revisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from techmart.db import db
from techmart.models.listing import Offer
from techmart.models.organisation import Organisation
from tests import factories
from tests.factories import OFFER

Login = Callable[..., FlaskClient]


@pytest.fixture
def owner(app: Any) -> Any:
    return factories.user(name="Lê Hoài An")


@pytest.fixture
def institute(owner: Any) -> Organisation:
    return factories.organisation(owner, name_vi="Viện Kỹ thuật Bàu Sen")


@pytest.fixture
def desk(login: Login, owner: Any, institute: Organisation) -> FlaskClient:
    """The owner's browser."""
    return login(owner)


def typed(**changes: Any) -> dict[str, Any]:
    """What a browser sends for the complete offer."""
    values: dict[str, Any] = {"lang": "vi", "origin": "domestic", "version": "1", "act": "save"}
    for name, value in OFFER.items():
        if name == "figures":
            values |= {
                f"figures-{row}-{column}": text for row, cells in enumerate(value) for column, text in cells.items()
            }
        elif name in ("ipc", "keywords"):
            values[name] = "; ".join(value)
        else:
            values[name] = value
    return {**values, **changes}


def post_on(browser: FlaskClient, path: str, data: dict[str, Any]) -> TestResponse:
    """Post, and post on where the answer is 307, as browsers do."""
    answer = browser.post(path, data=data)
    return post_on(browser, answer.location, data) if answer.status_code == 307 else answer


@pytest.mark.parametrize(
    "state", ["draft", "submitted", "changes_requested", "hidden", "withdrawn", "rejected", "archived"]
)
def test_strangers_do_not_learn_of_what_is_not_public(app: Any, client: FlaskClient, login: Login, state: str) -> None:
    code = factories.offer(state=state).code
    stranger = login(factories.user())
    assert client.get(f"/offers/{code}").status_code == 404
    for page in ("", "/edit", "/preview", "/act/withdraw", "/delete"):
        assert stranger.get(f"/offers/{code}{page}").status_code == 404
    for page in ("/submit", "/act/withdraw", "/delete", "/copy", "/autosave"):
        assert stranger.post(f"/offers/{code}{page}").status_code == 404


@pytest.mark.parametrize("kind", ["offer", "patent", "demand"])
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_public_listings_are_read_in_both_languages(app: Any, client: FlaskClient, kind: str, locale: str) -> None:
    listing = factories.listing(kind)
    page = client.get(f"/{kind}s/{listing.code}?lang={locale}")
    assert page.status_code == 200
    assert listing.title in page.text
    assert ("/edit" in page.text) is False


def test_the_address_of_another_kind_leads_nowhere(app: Any, client: FlaskClient) -> None:
    assert client.get(f"/patents/{factories.offer().code}").status_code == 404


def test_anonymous_demands_name_their_organisation_only_to_members_and_staff(
    app: Any, client: FlaskClient, login: Login
) -> None:
    owner = factories.user()
    company = factories.organisation(owner, name_vi="Công ty Dệt Rạch Gốc", slug="det-rach-goc")
    path = f"/demands/{factories.demand(company, anonymous=True).code}"
    for reader in (client, login(factories.user())):
        page = reader.get(path).text
        assert "Rạch Gốc" not in page
        assert "det-rach-goc" not in page
    for reader in (login(owner), login(factories.staff())):
        assert "Rạch Gốc" in reader.get(path).text


def test_typed_text_is_escaped(app: Any, client: FlaskClient) -> None:
    code = factories.offer(title="<script>alert(1)</script> màng lọc", problem="<img src=x onerror=alert(1)>").code
    page = client.get(f"/offers/{code}").text
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


def test_whoever_has_no_organisation_declares_one_first(app: Any, login: Login) -> None:
    answer = login(factories.user()).get("/offers/new")
    assert answer.location == "/organisations/new"


def test_a_draft_may_be_saved_with_almost_nothing(desk: FlaskClient) -> None:
    answer = desk.post("/offers/new", data={"lang": "vi", "origin": "domestic", "title": "Màng lọc"})
    assert answer.status_code == 302
    offer = db.session.query(Offer).one()
    assert (offer.title, offer.state, offer.problem) == ("Màng lọc", "draft", "")


def test_what_cannot_be_stored_is_refused_and_kept(desk: FlaskClient) -> None:
    answer = desk.post("/offers/new", data=typed(price_min_vnd="rất rẻ"))
    assert answer.status_code == 422
    assert "rất rẻ" in answer.text
    assert OFFER["problem"] in answer.text
    assert db.session.query(Offer).count() == 0


def test_every_field_survives_saving_and_opening_again(desk: FlaskClient) -> None:
    path = desk.post("/offers/new", data=typed()).location
    offer = db.session.query(Offer).one()
    for name, value in OFFER.items():
        assert getattr(offer, name) == value, name
    version = offer.version
    page = desk.get(path).text
    assert "Xử lý nước thải chăn nuôi" in page
    desk.post(path, data=typed(price_min_vnd="650 triệu", price_max_vnd="900 triệu", version=str(version)))
    db.session.refresh(offer)
    assert offer.version == version, "the form as shown says the same as what is stored"


def test_a_stale_form_keeps_what_was_typed_and_shows_what_differs(desk: FlaskClient, institute: Organisation) -> None:
    offer = factories.offer(institute, "draft")
    path = f"/offers/{offer.code}/edit"
    assert desk.post(path, data=typed(title="Tên của người thứ nhất")).status_code == 302
    answer = desk.post(path, data=typed(title="Tên của người thứ hai"))
    assert answer.status_code == 409
    assert 'id="conflict"' in answer.text
    assert "<del>" in answer.text
    db.session.refresh(offer)
    assert offer.title == "Tên của người thứ nhất"
    assert desk.post(path, data=typed(title="Tên của người thứ hai", version=str(offer.version))).status_code == 302


def test_autosave_answers_with_the_new_version_and_tells_conflicts_and_errors(
    desk: FlaskClient, institute: Organisation
) -> None:
    path = f"/offers/{factories.offer(institute, 'draft').code}/autosave"
    saved = desk.post(path, data=typed(title="Tên mới"))
    assert (saved.status_code, saved.json["version"]) == (200, 2)
    assert "saved_at" in saved.json
    stale = desk.post(path, data=typed(title="Tên khác"))
    assert (stale.status_code, stale.json["current"]) == (409, 2)
    wrong = desk.post(path, data=typed(title="Tên khác", ipc="không phải ký hiệu", version="2"))
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["ipc"])


def test_a_submission_says_what_is_missing(desk: FlaskClient) -> None:
    answer = post_on(desk, "/demands/new", {"lang": "vi", "origin": "domestic", "title": "Sấy xoài", "act": "submit"})
    answer = desk.get(answer.location)
    assert answer.status_code == 200
    assert "trước khi gửi duyệt" in answer.text
    assert 'href="#problem"' in answer.text


def test_a_complete_offer_is_handed_in_and_recalled(desk: FlaskClient) -> None:
    post_on(desk, "/offers/new", typed(act="submit"))
    offer = db.session.query(Offer).one()
    assert offer.state == "submitted"
    assert desk.get(f"/offers/{offer.code}/edit").status_code == 302
    assert desk.post(f"/offers/{offer.code}/autosave", data=typed(title="Tên mới")).status_code == 409
    desk.post(f"/offers/{offer.code}/act/recall")
    db.session.refresh(offer)
    assert offer.state == "draft"


def test_editing_a_published_offer_keeps_the_public_text(
    client: FlaskClient, desk: FlaskClient, institute: Organisation
) -> None:
    offer = factories.offer(institute)
    path = f"/offers/{offer.code}"
    desk.post(f"{path}/edit", data=typed(title="Tên đang được đề nghị", version=str(offer.version)))
    assert "Tên đang được đề nghị" not in client.get(path).text
    assert "Tên đang được đề nghị" in desk.get(f"{path}/preview").text
    desk.post(f"{path}/submit")
    assert desk.get(f"{path}/edit").status_code == 302
    desk.post(f"{path}/act/recall")
    desk.post(f"{path}/act/discard")
    assert "Tên đang được đề nghị" not in desk.get(f"{path}/edit").text


def test_actions_of_staff_are_not_on_these_addresses(desk: FlaskClient, institute: Organisation) -> None:
    code = factories.offer(institute, "submitted").code
    for action in ("approve", "reject", "hide", "nonsense"):
        assert desk.post(f"/offers/{code}/act/{action}").status_code == 404


def test_withdrawing_is_asked_about_first(desk: FlaskClient, client: FlaskClient, institute: Organisation) -> None:
    path = f"/offers/{factories.offer(institute).code}"
    assert "Rút tin này?" in desk.get(f"{path}/act/withdraw").text
    assert client.get(path).status_code == 200
    desk.post(f"{path}/act/withdraw")
    assert client.get(path).status_code == 404


def test_viewers_read_but_do_not_write(app: Any, login: Login, institute: Organisation) -> None:
    path = f"/offers/{factories.offer(institute, 'draft').code}"
    viewer = login(factories.member(institute, "viewer"))
    assert viewer.get(path).status_code == 200
    assert viewer.get(f"{path}/edit").status_code == 403
    assert viewer.post(f"{path}/edit", data=typed()).status_code == 403
    assert viewer.post(f"{path}/submit").status_code == 403


def test_the_workspace_shows_what_waits(desk: FlaskClient, institute: Organisation) -> None:
    assert "Bắt đầu từ đây" in desk.get("/workspace").text
    due = factories.offer(institute, "due", title="Tin đã đến hạn xác nhận")
    factories.demand(title="Tin của người khác")
    page = desk.get("/workspace").text
    assert "Tin đã đến hạn xác nhận" in page
    assert f"/offers/{due.code}/act/confirm" in page
    assert "Tin của người khác" not in page
