"""The sample catalogue is complete, dated sensibly, quiet, and mentions nobody who exists."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from techmart.db import db
from techmart.models.account import User
from techmart.models.event import Event, Notification
from techmart.models.listing import Listing, Offer
from techmart.models.match import Match
from techmart.models.organisation import Organisation
from techmart.models.outbox import TOPIC_MAIL, OutboxRow
from techmart.operations.account import actor_of
from techmart.operations.review import list_queue, load_review
from techmart.operations.sample import SAMPLE_PASSWORD, list_sample_accounts, load_sample, sample_is_wanted
from techmart.operations.sample_rows import read_answers, read_listings, read_users
from techmart.rules.clock import local_today, utc_now
from techmart.rules.identifiers import parse_ipc
from techmart.rules.matching import MatchOrigin, MatchState
from techmart.rules.passwords import password_problems
from techmart.rules.vocabulary import sectors

ROOT = Path(__file__).resolve().parents[2] / "techmart/data"
#: Names a reader would take for the real thing; written without blanks around, compared without case.
REAL_NAMES = (
    "bách khoa", "viện hàn lâm", "đại học quốc gia", "đại học cần thơ", "đại học nông lâm", "đại học thủ dầu một",
    "đại học bình dương", "becamex", "viettel", "vinamilk", "vingroup", "vinfast", "fpt", "vnpt", "masan", "thaco",
    "hoà phát", "hòa phát", "bosch", "siemens", "samsung", "petrovietnam", "rạng đông", "bệnh viện chợ rẫy",
    "sở khoa học", "cesti", "cục sở hữu trí tuệ", "bộ khoa học", "vusta", "pasteur",
)  # fmt: skip


@pytest.fixture(scope="module")
def catalogue(module_app: Flask) -> list[Listing]:
    """The catalogue, loaded once for the file."""
    assert sample_is_wanted()
    load_sample()
    return list(db.session.scalars(select(Listing).order_by(Listing.id)))


def test_kinds_and_states(catalogue: list[Listing]) -> None:
    found = Counter((row.kind, str(row.state)) for row in catalogue)
    assert found == Counter((row.kind, row.state) for row in read_listings())
    kinds = Counter(row.kind for row in catalogue)
    assert kinds["offer"] >= 60
    assert kinds["patent"] >= 25
    assert kinds["demand"] >= 30
    states = {str(row.state) for row in catalogue}
    assert states >= {"draft", "submitted", "changes_requested", "published", "due"}
    assert all(row.illustrative and row.organisation.illustrative for row in catalogue)


def test_every_sector_of_the_digital_list_has_offers(catalogue: list[Listing]) -> None:
    offered = {code for row in catalogue if row.kind == "offer" and row.is_public for code in row.sectors}
    assert {code for code, sector in sectors().items() if sector.list_name == "B"} <= offered


def test_ipc_symbols_are_of_the_scheme(catalogue: list[Listing]) -> None:
    lines = (ROOT / "reference/ipc.tsv").read_text(encoding="utf-8").splitlines()
    known = {line.split("\t")[0] for line in lines if not line.startswith("#")}
    wrong = [
        (row.code, symbol)
        for row in catalogue
        for symbol in row.ipc
        if parse_ipc(symbol) != symbol or symbol[:4] not in known
    ]
    assert wrong == []


def test_dates_tell_one_story(catalogue: list[Listing]) -> None:
    now = utc_now()
    for row in catalogue:
        if row.is_public:
            assert row.created_at < row.submitted_at < row.published_at < now
            assert row.confirm_due_on is not None
        moments = db.session.scalars(
            select(Event.at).where(Event.subject_kind == "listing", Event.subject_id == row.id).order_by(Event.id)
        ).all()
        assert list(moments) == sorted(moments)
    published = [row.published_at for row in catalogue if row.is_public]
    assert max(published) > now - timedelta(days=7)
    assert min(published) < now - timedelta(days=60)
    overdue = [row for row in catalogue if row.confirm_due_on and row.confirm_due_on < local_today()]
    assert [str(row.state) for row in overdue] == ["due"]


def test_review_queue_holds_texts_and_word_differences(catalogue: list[Listing]) -> None:
    moderator = db.session.scalar(select(User).where(User.staff_role == "moderator"))
    queue = list_queue(actor_of(moderator))
    reviews = [load_review(actor_of(moderator), item.listing.code) for item in queue]
    proposals = [review for review in reviews if review.revision is not None]
    assert len(proposals) == 2
    assert all([change.field for change in review.changes] == ["advantage"] for review in proposals)
    assert len(reviews) - len(proposals) == sum(row.state == "submitted" for row in catalogue)
    assert all(review.is_decidable and review.age_hours >= 0 for review in reviews)


def test_it_is_quiet(catalogue: list[Listing]) -> None:
    assert db.session.scalar(select(OutboxRow.id).where(OutboxRow.topic == TOPIC_MAIL)) is None
    waiting = db.session.scalars(select(OutboxRow.created_at)).all()
    assert all(moment > utc_now() - timedelta(minutes=5) for moment in waiting)
    told = db.session.scalars(select(Notification.created_at)).all()
    assert told
    assert all(moment > utc_now() - timedelta(days=11) for moment in told)


def test_accounts_open_with_the_printed_password(catalogue: list[Listing]) -> None:
    people = read_users()
    assert len(SAMPLE_PASSWORD) >= 15
    assert all(not password_problems(SAMPLE_PASSWORD, email=row["email"], name=row["name"]) for row in people)
    accounts = list_sample_accounts()
    assert {account.email for account in accounts} == {row["email"] for row in people}
    assert {account.role for account in accounts} == {"administrator", "moderator", "owner", "editor", "viewer"}


def test_nothing_is_loaded_twice(catalogue: list[Listing]) -> None:
    assert not sample_is_wanted()
    assert load_sample() == 0
    assert len(db.session.scalars(select(Listing.id)).all()) == len(catalogue)
    assert len(db.session.scalars(select(User.id)).all()) == len(read_users())


def test_matches_were_answered(catalogue: list[Listing]) -> None:
    """Every line of the file met its pair, after both were published; one is a proposal that waits for both sides."""
    rows = db.session.scalars(select(Match)).all()
    decided = [row for row in rows if row.origin != MatchOrigin.STAFF]
    assert len(decided) == sum(row["decision"] != "propose" for row in read_answers())
    published = {row.id: row.published_at for row in catalogue}
    assert all(max(published[row.demand_id], published[row.technology_id]) <= row.decided_at for row in decided)
    assert {row.state for row in decided} == {MatchState.INTERESTED, MatchState.KEPT, MatchState.DISMISSED}
    assert len({row.reason for row in decided if row.reason}) >= 6
    proposals = [row for row in rows if row.origin == MatchOrigin.STAFF]
    assert proposals
    assert all(row.note and row.state == MatchState.NEW for row in proposals)


def test_companies_agreed_to_be_suggested(catalogue: list[Listing]) -> None:
    agreed = db.session.scalars(select(Organisation.kind).where(Organisation.is_suggestable)).all()
    assert len(agreed) >= 5
    assert set(agreed) == {"business"}


def test_organisations_are_verified_by_somebody(catalogue: list[Listing]) -> None:
    organisations = db.session.scalars(select(Organisation)).all()
    assert sum(row.is_verified for row in organisations) >= 20
    assert any(not row.is_verified for row in organisations)
    assert all(row.verification_evidence for row in organisations if row.is_verified)
    assert any("(cũ)" in row.address for row in organisations)


def test_nobody_real_is_mentioned() -> None:
    for path in sorted((ROOT / "sample").glob("*.jsonl")):
        text = path.read_text(encoding="utf-8")
        shown = text.lower()
        assert [name for name in REAL_NAMES if re.search(rf"(?<!\w){name}(?!\w)", shown)] == [], path.name
        assert all(host.endswith(".example") for host in re.findall(r"https?://([\w.-]+)", shown)), path.name
        assert all(address.endswith(".example") for address in re.findall(r"[\w.+-]+@[\w.-]+\w", shown)), path.name


def test_tax_codes_are_of_a_block_never_given_out() -> None:
    lines = (ROOT / "sample/organisations.jsonl").read_text(encoding="utf-8").splitlines()
    codes = [json.loads(line)["tax_code"] for line in lines]
    assert all(code is None or code.startswith("999") for code in codes)


def test_offers_are_written_with_care(catalogue: list[Listing]) -> None:
    offers = [row for row in catalogue if isinstance(row, Offer) and row.is_public]
    assert all(row.figures and row.trl_evidence and row.keywords for row in offers)
    assert len({row.title for row in catalogue}) == len(catalogue)
    assert {row.lang for row in catalogue} == {"vi", "en"}
