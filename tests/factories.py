"""Makers of rows for tests. Each call is one committed transaction; every name is invented."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from flask import current_app

from techmart.db import db, unit_of_work
from techmart.models.account import User
from techmart.models.export import ExportJob
from techmart.models.listing import LISTING_CLASSES, Demand, Listing, ListingRevision, Offer, Patent
from techmart.models.organisation import Membership, Organisation
from techmart.models.saved_search import SavedSearch
from techmart.operations.account import actor_of
from techmart.operations.code import next_code
from techmart.operations.listing_content import FIELDS, checked, content_of, to_json
from techmart.operations.password import hash_password
from techmart.rules.audience import audience_of
from techmart.rules.clock import local_today, utc_now
from techmart.rules.lifecycle import ListingState, RevisionState
from techmart.rules.policy import Actor, MemberRole, StaffRole

_numbers = count(1)
_NAMES = ("Nguyễn Thị Minh Châu", "Trần Quốc Bảo", "Lê Hoài An", "Phạm Đức Thịnh", "Võ Ngọc Lan", "Đặng Hữu Phước")
_PLACES = ("Sông Trà", "Bàu Sen", "Đồi Mây", "Rạch Gốc", "Tân Hoà", "Cầu Đá")

OFFER = {
    "title": "Xử lý nước thải chăn nuôi bằng màng lọc sinh học hiếu khí",
    "summary": "Cụm thiết bị 50 m³/ngày, giảm 92 % COD, vận hành tự động, phù hợp trại heo 1.000 con.",
    "problem": "Nước thải chuồng trại sau hầm biogas còn COD cao và mùi hôi, vượt quy chuẩn xả thải nhiều lần.",
    "how_it_works": "Nước qua bể điều hoà, bể hiếu khí giá thể di động rồi màng siêu lọc; bùn được tuần hoàn.",
    "advantage": "Chiếm ít hơn 40 % diện tích so với bể hiếu khí thường và không cần hoá chất keo tụ.",
    "figures": [
        {"name": "COD đầu ra", "value": "68", "unit": "mg/l", "current_practice": "240", "condition": "6 tháng"},
    ],
    "trl": 7,
    "trl_evidence": "Chạy thử 14 tháng tại hai trại heo, có biên bản nghiệm thu cấp tỉnh.",
    "objects": ["process", "know_how"],
    "transfer_right": "non_exclusive_use",
    "transfer_forms": ["independent"],
    "price_mode": "range",
    "price_min_vnd": 650_000_000,
    "price_max_vnd": 900_000_000,
    "ip_status": "pending",
    "sectors": ["environment"],
    "ipc": ["C02F 3/30"],
    "keywords": ["nước thải", "màng lọc", "chăn nuôi"],
    "province_code": "79",
}
PATENT = {
    "title": "Cụm màng lọc tự rửa ngược theo áp suất",
    "summary": "Màng tự đảo chiều dòng khi áp suất vượt ngưỡng, không cần bơm rửa riêng.",
    "patent_type": "invention",
    "application_number": "1-2021-01234",
    "grant_number": "1-0032145",
    "filing_on": date(2021, 3, 15),
    "publication_on": date(2021, 9, 27),
    "grant_on": date(2024, 5, 20),
    "applicants": "Viện Kỹ thuật Nước Sông Trà",
    "inventors": "Trần Quốc Bảo\nLê Hoài An",
    "abstract": "Sáng chế đề cập đến cụm màng lọc gồm vỏ trụ, lõi màng sợi rỗng và van ba ngả đảo dòng theo chênh áp.",
    "claims": "1. Cụm màng lọc tự rửa ngược, khác biệt ở chỗ van ba ngả được dẫn động bằng chênh áp hai phía màng.",
    "ip_status": "granted",
    "transfer_right": "ownership",
    "transfer_forms": ["ip_transfer"],
    "price_mode": "negotiable",
    "sectors": ["environment"],
    "ipc": ["B01D 65/02"],
    "province_code": "79",
}
DEMAND = {
    "title": "Tìm công nghệ sấy xoài giữ màu cho xưởng 2 tấn/ngày",
    "summary": "Cần dây chuyền sấy xoài cát, giữ màu vàng tự nhiên, tiết kiệm điện hơn lò sấy điện trở hiện có.",
    "problem": "Lò điện trở tốn 1,2 kWh/kg, miếng xoài sẫm màu ở mép và khô không đều, tỷ lệ loại gần 8 %.",
    "material": "Xoài cát Hoà Lộc cắt lát 8 mm, độ ẩm ban đầu 82 %, độ Brix 17–19.",
    "method": "Ưu tiên bơm nhiệt hoặc sấy lạnh, có điều khiển ẩm theo giai đoạn.",
    "efficacy_target": "Điện dưới 0,6 kWh/kg, tỷ lệ loại dưới 3 %.",
    "product": "Xoài sấy dẻo, độ ẩm 14–16 %, không lưu huỳnh.",
    "application": "Xưởng chế biến trái cây xuất khẩu, chạy hai ca.",
    "budget_min_vnd": 800_000_000,
    "budget_max_vnd": 1_500_000_000,
    "trl_min": 7,
    "wanted_right": "non_exclusive_use",
    "wanted_forms": ["independent"],
    "sectors": ["agriculture"],
    "keywords": ["sấy", "xoài"],
    "province_code": "79",
}
CONTENT: dict[str, dict[str, Any]] = {"offer": OFFER, "patent": PATENT, "demand": DEMAND}

#: States a listing reaches only after it was published.
_AFTER_PUBLICATION = frozenset(
    {ListingState.PUBLISHED, ListingState.DUE, ListingState.STALE, ListingState.HIDDEN, ListingState.TRANSFERRED}
)


def user(
    name: str | None = None, *, email: str | None = None, staff_role: StaffRole | str | None = None,
    password: str | None = None, locale: str = "vi", confirmed: bool = True,
) -> User:  # fmt: skip
    """A person with a confirmed address; without `password` nobody can sign in by form (use the `login` fixture)."""
    number = next(_numbers)
    with unit_of_work() as session:
        row = User(
            email=email or f"nguoi{number}@vidu.example",
            name=name or _NAMES[number % len(_NAMES)],
            staff_role=staff_role,
            locale=locale,
            email_confirmed_at=utc_now() if confirmed else None,
            password_hash=hash_password(password) if password else None,
        )
        session.add(row)
    return row


def staff(role: StaffRole = StaffRole.MODERATOR, **values: Any) -> User:  # Any: see user
    """A moderator, or an administrator."""
    return user(staff_role=role, **values)


def organisation(owner: User | None = None, **values: Any) -> Organisation:  # Any: columns
    """An institute (or `kind=`), owned by `owner` when given."""
    number = next(_numbers)
    defaults = {
        "slug": f"vien-{number}",
        "kind": "institute",
        "name_vi": f"Viện Kỹ thuật {_PLACES[number % len(_PLACES)]} {number}",
        "sectors": ["environment"],
        "province_code": "79",
    }
    with unit_of_work() as session:
        row = Organisation(**{**defaults, **values})
        session.add(row)
        if owner is not None:
            session.flush()
            session.add(Membership(organisation_id=row.id, user_id=owner.id, role=MemberRole.OWNER))
    return row


def member(of: Organisation, role: MemberRole | str = MemberRole.OWNER, person: User | None = None) -> User:
    """`person` (or somebody new) with this role in the organisation."""
    person = person or user()
    with unit_of_work() as session:
        session.add(Membership(organisation_id=of.id, user_id=person.id, role=role))
    return person


def listing(
    kind: str, of: Organisation | None = None, state: ListingState | str = ListingState.PUBLISHED, **values: Any
) -> Listing:  # Any: content fields, or columns such as published_at
    """A complete listing put straight into `state`, with the dates that state has; no events, no mails."""
    of = of or organisation()
    state, now = ListingState(state), utc_now()
    content = {**CONTENT[kind], **values}
    columns = {name: value for name, value in values.items() if name not in content_names(kind)}
    dates: dict[str, Any] = {}  # Any: instants and days
    if state is not ListingState.DRAFT:
        dates["submitted_at"] = now
    if state in _AFTER_PUBLICATION:
        days = current_app.config["SETTINGS"].confirmation_days
        dates |= {"published_at": now, "confirmed_at": now, "confirm_due_on": local_today() + timedelta(days=days)}
    with unit_of_work() as session:
        fixed = {"organisation_id": of.id, "state": state, "audience": audience_of(state, of.id), **dates, **columns}
        row = LISTING_CLASSES[kind](**{"code": next_code(session, kind), **checked(kind, content), **fixed})
        session.add(row)
    return row


def offer(of: Organisation | None = None, state: ListingState | str = ListingState.PUBLISHED, **values: Any) -> Offer:
    """See listing."""
    row = listing("offer", of, state, **values)
    assert isinstance(row, Offer)
    return row


def patent(of: Organisation | None = None, state: ListingState | str = ListingState.PUBLISHED, **values: Any) -> Patent:
    """See listing."""
    row = listing("patent", of, state, **values)
    assert isinstance(row, Patent)
    return row


def demand(of: Organisation | None = None, state: ListingState | str = ListingState.PUBLISHED, **values: Any) -> Demand:
    """See listing."""
    row = listing("demand", of, state, **values)
    assert isinstance(row, Demand)
    return row


def revision(
    about: Listing,
    state: RevisionState | str = RevisionState.SUBMITTED,
    **content: Any,  # Any: the fields that differ
) -> ListingRevision:
    """A proposed text of a listing, put straight into `state`."""
    state = RevisionState(state)
    with unit_of_work() as session:
        row = ListingRevision(
            listing_id=about.id,
            number=max((earlier.number for earlier in about.revisions), default=0) + 1,
            state=state,
            content=to_json({**content_of(about), **content}),
            submitted_at=None if state is RevisionState.DRAFT else utc_now(),
        )
        session.add(row)
    return row


def actor(person: User) -> Actor:
    """What `person` may do as things stand now."""
    db.session.refresh(person)
    return actor_of(person)


def content_names(kind: str) -> frozenset[str]:
    """The names of the content fields of a kind."""
    return frozenset(FIELDS[kind])


def saved_search(person: User, **values: Any) -> SavedSearch:  # Any: columns
    """A search that `person` keeps."""
    with unit_of_work() as session:
        row = SavedSearch(**{"user_id": person.id, "name": "Nước thải", "parameters": [["q", "nước thải"]], **values})
        session.add(row)
    return row


def export(person: User, state: str = "queued", **values: Any) -> ExportJob:  # Any: columns
    """An export that `person` asked for; nothing is written."""
    defaults = {"format": "csv", "parameters": [["kind", "offer"]], "total": 600, "file_name": "techmart.csv"}
    with unit_of_work() as session:
        expires_at = utc_now() + timedelta(days=7)
        row = ExportJob(**{"user_id": person.id, "state": state, "expires_at": expires_at, **defaults, **values})
        session.add(row)
    return row
