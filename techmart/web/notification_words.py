"""A notification as a sentence, the page it leads to and a sign, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.models.event import Notification
from techmart.operations.notification import list_gone
from techmart.web.match_words import decline_words
from techmart.web.review_words import reason_words


@dataclass(frozen=True)
class Line:
    """What the page shows: `href` and `reason` may be empty; `shape` and `icon` are those of a pill."""

    row: Notification
    text: str
    href: str
    reason: str
    shape: str
    icon: str


Payload = Mapping[str, Any]  # Any: titles, codes and numbers


def _listing(payload: Payload) -> str:
    """“title” (code), or what is known of it."""
    title, code = str(payload.get("title") or ""), str(payload.get("code") or "")
    return f"“{title}” ({code})" if title and code else title or code


def _of_listing(text: LazyString) -> Callable[[Payload], str]:
    return lambda payload: str(text) % {"listing": _listing(payload)}


def _of_organisation(text: LazyString) -> Callable[[Payload], str]:
    return lambda payload: str(text) % {"organisation": payload.get("organisation", "")}


def _match_found(payload: Payload) -> str:
    """One match by name, several by their number."""
    count = payload.get("count", 1)
    if count == 1:
        words = _("Khớp %(percent)s%%: “%(title)s”.", percent=payload.get("percent", 0), title=payload.get("title", ""))
    else:
        words = _("Có %(count)s kết quả khớp mới cho bạn.", count=count)
    return str(words)


#: Kind → sentence, shape, icon.
_WORDS: Mapping[str, tuple[Callable[[Payload], str], str, str]] = {
    "listing_approved": (_of_listing(_l("Tin %(listing)s đã được duyệt và đang đăng.")), "ok", "circle-check"),
    "listing_changes_requested": (_of_listing(_l("Cán bộ sàn đề nghị sửa tin %(listing)s.")), "fix", "pencil"),
    "listing_rejected": (_of_listing(_l("Tin %(listing)s không được đăng.")), "late", "ban"),
    "listing_due": (
        _of_listing(_l("Tin %(listing)s đến hạn xác nhận: hãy cho biết thông tin vẫn đúng.")),
        "fix",
        "calendar-due",
    ),
    "help_asked": (
        _of_listing(_l("Một tổ chức giao bản nháp %(listing)s cho cán bộ sàn viết giúp.")),
        "wait",
        "user-check",
    ),
    "help_answered": (
        _of_listing(_l("Cán bộ sàn đã viết giúp %(listing)s. Hãy xem và quyết định.")),
        "fix",
        "user-check",
    ),
    "help_accepted": (_of_listing(_l("Chủ tin đã nhận phần bạn viết giúp %(listing)s.")), "ok", "circle-check"),
    "help_declined": (_of_listing(_l("Chủ tin giữ nguyên bản của mình ở %(listing)s.")), "off", "circle-minus"),
    "match_declined": (
        _of_listing(_l("Một bên cần công nghệ cho biết %(listing)s chưa phù hợp.")),
        "off",
        "message-circle",
    ),
    "match_found": (_match_found, "ok", "sparkles"),
    "match_proposed": (_of_listing(_l("Cán bộ sàn đề xuất một kết quả khớp cho %(listing)s.")), "ok", "user-check"),
    "listing_hidden": (_of_listing(_l("Tin %(listing)s đã tạm ẩn.")), "off", "eye"),
    "organisation_verified": (
        _of_organisation(_l("Hồ sơ của %(organisation)s đã được thẩm định.")),
        "ok",
        "rosette-discount-check",
    ),
    "organisation_verification_revoked": (
        _of_organisation(_l("Thẩm định hồ sơ của %(organisation)s đã bị thu hồi.")),
        "late",
        "alert-triangle",
    ),
}

#: The same sentence for a proposed new text of a listing that stays public.
_OF_REVISION: Mapping[str, LazyString] = {
    "listing_approved": _l("Bản sửa của tin %(listing)s đã được duyệt và đang đăng."),
    "listing_changes_requested": _l("Cán bộ sàn đề nghị sửa lại bản sửa của tin %(listing)s."),
    "listing_rejected": _l("Bản sửa của tin %(listing)s không được duyệt; bản cũ vẫn đang đăng."),
}


def lines_of(rows: Sequence[Notification]) -> list[Line]:
    """Notifications in words; what is not shown to anybody any more is not named."""
    gone = list_gone(rows)
    return [
        Line(row, str(_("Một tin khớp với bạn không còn đăng.")), "", "", "off", "eye")
        if row.id in gone
        else line_of(row)
        for row in rows
    ]


def line_of(row: Notification) -> Line:
    """The notification in words; one of an unknown kind says that something changed rather than fail."""
    words, shape, icon = _WORDS.get(row.kind, (_changed, "off", "info-circle"))
    return Line(
        row,
        str(words(row.payload)),
        _href(row.payload),
        _reason(row.payload),
        shape,
        icon,
    )


def _reason(payload: Payload) -> str:
    """What was written, or for a declined match the reason picked and what was added to it."""
    if decline := str(payload.get("decline") or ""):
        added = str(payload.get("text") or "")
        return f"{decline_words(decline)}. {added}".strip() if added else decline_words(decline)
    return reason_words(str(payload.get("reason") or ""))


def _changed(payload: Payload) -> str:
    listing = _listing(payload)
    return str(_("Có thay đổi ở %(listing)s.", listing=listing) if listing else _("Có thay đổi mới."))


def _href(payload: Payload) -> str:
    path = str(payload.get("path") or "")
    if path.startswith("/") and not path.startswith("//"):  # never off this site
        return path
    kind, code, slug = payload.get("kind"), payload.get("code"), payload.get("slug")
    if kind in ("offer", "patent", "demand") and code:
        return url_for(f"{kind}s.show", code=code)
    return url_for("organisations.show", slug=slug) if slug else ""
