"""Files of a listing: add, remove, download. They are never shown inside the site, only handed over to be saved."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, flash, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from techmart.db import unit_of_work
from techmart.errors import UploadRefused
from techmart.extensions import limiter
from techmart.operations import attachment as attachments
from techmart.rules.policy import Permission
from techmart.rules.text import fold, safe_filename
from techmart.web.actor import current_actor
from techmart.web.guards import guard, public
from techmart.web.wording import upload_text

bp = Blueprint("attachments", __name__, url_prefix="/<any(offer, patent, demand):kind>s/<code>/attachments")

#: The file may not run, load or send anything, should a browser show it after all.
DOWNLOAD_POLICY = "sandbox; default-src 'none'"
_PUBLIC_SECONDS = 300
_ID = "<int(max=2147483647):attachment_id>"


@bp.post("")
@limiter.limit("120 per hour")
@guard(Permission.ATTACHMENT_ADD)
def add(kind: str, code: str) -> ResponseReturnValue:
    """Every file of the form, whatever its field is called; one that is refused does not keep the others out."""
    actor = current_actor()
    listing = attachments.find_attachable(actor, kind, code)
    files = [file for _field, file in request.files.items(multi=True) if file.filename]
    accepted: list[dict[str, object]] = []
    refused = [] if files else [str(_("Hãy chọn tệp cần đính kèm."))]
    for file in files:
        try:
            attachments.check_room(listing)
            accepted.append(_add_one(kind, code, file))
        except UploadRefused as refusal:
            refused.append(f"{safe_filename(file.filename or '')}: {upload_text(refusal)}")
    if _wants_json():
        return jsonify(attachments=accepted, problems=refused), 422 if refused else 201
    for text in refused:
        flash(text, "error")
    if accepted:
        flash(_("Đã đính kèm: %(names)s.", names=", ".join(str(row["filename"]) for row in accepted)), "ok")
    return redirect(_edit_url(kind, code))


@bp.post(f"/{_ID}/delete")
@guard(Permission.ATTACHMENT_ADD)
def remove(kind: str, code: str, attachment_id: int) -> ResponseReturnValue:
    actor = current_actor()
    with unit_of_work():
        listing = attachments.find_attachable(actor, kind, code)
        attachments.remove_attachment(actor, listing, attachment_id)
    if _wants_json():
        return "", 204
    flash(_("Đã gỡ tệp đính kèm."), "ok")
    return redirect(_edit_url(kind, code))


@bp.get(f"/{_ID}/<filename>")
@public
def download(kind: str, code: str, attachment_id: int, filename: str) -> ResponseReturnValue:
    """The file under its stored name; the one in the address is for people who read addresses."""
    del filename
    attachment, path = attachments.open_attachment(current_actor(), kind, code, attachment_id)
    response: Response = send_file(path, mimetype=attachment.media_type, etag=attachment.sha256, conditional=True)
    response.headers["Content-Disposition"] = disposition(attachment.filename)
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    if attachment.listing.is_public:
        response.headers["Cache-Control"] = f"public, max-age={_PUBLIC_SECONDS}"
    else:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def disposition(filename: str) -> str:
    """The header for saving under `filename` (RFC 6266): plain letters for old readers, UTF-8 for all others."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in fold(filename))
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _add_one(kind: str, code: str, file: FileStorage) -> dict[str, object]:
    prepared = attachments.prepare_attachment(file.filename or "", file.stream)
    actor = current_actor()
    with unit_of_work():
        # Asked again: the check took a while, and the listing may have been handed in meanwhile.
        attachment = attachments.attach(actor, attachments.find_attachable(actor, kind, code), prepared)
        facts: dict[str, object] = {
            "id": attachment.id,
            "filename": attachment.filename,
            "media_type": attachment.media_type,
            "size_bytes": attachment.size_bytes,
        }
    return facts


def _edit_url(kind: str, code: str) -> str:
    return url_for(f"{kind}s.edit", code=code, _anchor="attachments")


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
