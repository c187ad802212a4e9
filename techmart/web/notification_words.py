"""A notification as a sentence, the page it leads to and a sign, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from techmart.models.event import Notification
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


#: Kind → sentence, shape, icon. The sentences are called when shown, so that they are in the reader's language.
_WORDS: Mapping[str, tuple[Callable[[Payload], str], str, str]] = {
    "listing_approved": (lambda p: _("Tin %(listing)s đã được duyệt và đang đăng.", listing=_listing(p)), "ok", "circle-check"),
    "listing_changes_requested": (
        lambda p: _("Cán bộ sàn đề nghị sửa tin %(listing)s trước khi đăng.", listing=_listing(p)), "fix", "pencil"
    ),
    "listing_rejected": (lambda p: _("Tin %(listing)s không được đăng.", listing=_listing(p)), "late", "ban"),
    "listing_due": (
        lambda p: _("Tin %(listing)s đã đăng 90 ngày. Hãy xác nhận thông tin vẫn đúng.", listing=_listing(p)), "fix", "calendar-due"
    ),
    "listing_hidden": (lambda p: _("Tin %(listing)s đã tạm ẩn.", listing=_listing(p)), "off", "eye"),
    "organisation_verified": (
        lambda p: _("Hồ sơ của %(organisation)s đã được thẩm định.", organisation=p.get("organisation", "")), "ok", "rosette-discount-check"
    ),
    "organisation_verification_revoked": (
        lambda p: _("Thẩm định hồ sơ của %(organisation)s đã bị thu hồi.", organisation=p.get("organisation", "")), "late", "alert-triangle"
    ),
}  # fmt: skip


def line_of(row: Notification) -> Line:
    """The notification in words; one of an unknown kind says that something changed rather than fail."""
    words, shape, icon = _WORDS.get(row.kind, (_changed, "off", "info-circle"))
    return Line(row, str(words(row.payload)), _href(row.payload), reason_words(str(row.payload.get("reason") or "")), shape, icon)


def _changed(payload: Payload) -> str:
    listing = _listing(payload)
    return _("Có thay đổi ở %(listing)s.", listing=listing) if listing else _("Có thay đổi mới.")


def _href(payload: Payload) -> str:
    path = str(payload.get("path") or "")
    if path.startswith("/") and not path.startswith("//"):  # never off this site
        return path
    kind, code, slug = payload.get("kind"), payload.get("code"), payload.get("slug")
    if kind in ("offer", "patent", "demand") and code:
        return url_for(f"{kind}s.show", code=code)
    return url_for("organisations.show", slug=slug) if slug else ""
