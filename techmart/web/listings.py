"""The pages of one listing, the same for all three kinds: show, create, edit, preview.

`listing_actions` holds what is done to it by a button.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.db import unit_of_work
from techmart.errors import IllegalTransition, InvalidFields, StaleVersion
from techmart.models.listing import Listing
from techmart.operations import listing as listings
from techmart.operations.organisation import list_own_organisations
from techmart.rules.changes import compare
from techmart.rules.clock import LOCAL_ZONE, utc_now
from techmart.rules.policy import Actor, Permission, can
from techmart.rules.text import clean
from techmart.web.actor import current_actor
from techmart.web.forms.listing import ListingForm
from techmart.web.i18n import select_locale
from techmart.web.listing_views import Preview, facts_for_editor, facts_for_reader
from techmart.web.wording import put_problems_on


@dataclass(frozen=True)
class Kind:
    """A kind of listing: its code, and the form it is written with."""

    name: str
    form: type[ListingForm]

    def url(self, view: str, **values: Any) -> str:  # Any: parts of the address
        """The address of one of its pages."""
        return url_for(f"{self.name}s.{view}", **values)


def show(kind: Kind, code: str) -> ResponseReturnValue:
    """The page anyone reads once it is public, with the owner's bar for members."""
    actor = current_actor()
    listing = listings.find_listing(actor, kind.name, code)
    return render_template(f"listings/show_{kind.name}.html", is_preview=False, **facts_for_reader(actor, listing))


def preview(kind: Kind, code: str) -> ResponseReturnValue:
    """What a stranger would see, with the text as it is being written."""
    actor = current_actor()
    listing = listings.find_editable(actor, kind.name, code)
    facts = facts_for_reader(actor, listing)
    shown = Preview(listing, listings.edit_state(listing).content)
    facts |= {"shown": shown, "shows_owner": not getattr(shown, "anonymous", False), "is_preview": True}
    return render_template(f"listings/show_{kind.name}.html", **facts)


def create(kind: Kind) -> ResponseReturnValue:
    """An empty form; the first save makes the draft. Whoever has no organisation declares one first.

    `?title=` is written into it: what somebody searched for in vain.
    """
    actor = current_actor()
    organisations = _own_organisations(actor)
    if not organisations:
        flash(_("Tin được đăng dưới tên một tổ chức. Hãy khai báo tổ chức của bạn trước."), "error")
        return redirect(url_for("organisations.create"))
    form = kind.form(
        data={"title": clean(request.args.get("title", "")[:200], keep_lines=False)}, organisations=organisations
    )
    if form.validate_on_submit():
        chosen = form.organisation_id.data if "organisation_id" in form else organisations[0][0]
        try:
            with unit_of_work():
                code = listings.create_listing(actor, kind.name, chosen, form.content()).code
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
        else:
            return _go_on(kind, code)
    page = render_template(
        "listings/edit.html", form=form, kind=kind.name, listing=None, revision=None,
        **facts_for_editor(kind.name, form.content()),
    )  # fmt: skip
    return page, 422 if form.errors or form.form_errors else 200


def edit(kind: Kind, code: str) -> ResponseReturnValue:
    """The form over the text as it stands: that of a draft, or of the open revision of a live listing.

    `?check=1` marks what a submission still needs.
    """
    actor = current_actor()
    listing = listings.find_editable(actor, kind.name, code)
    state = listings.edit_state(listing)
    if request.method == "GET" and state.is_locked:
        flash(_("Tin đang ở trạng thái không sửa được. Hãy thu hồi hoặc mở lại tin trước."), "error")
        return redirect(kind.url("show", code=code))
    form = kind.form(data={**state.content, "version": str(state.version)})
    if form.validate_on_submit():
        try:
            with unit_of_work():
                listings.save_listing(actor, listing, form.content(), version=_typed_version(form))
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
        except StaleVersion as refusal:
            return _conflict(kind, code, form, refusal)
        else:
            return _go_on(kind, code)
    elif request.method == "GET" and "check" in request.args:
        put_problems_on(form, InvalidFields(facts_for_editor(kind.name, state.content)["missing"]))
    return _edit_page(kind, listing, form), 422 if request.method == "POST" else 200


def autosave(kind: Kind, code: str) -> ResponseReturnValue:
    """Save without leaving the page: 200 {version, saved_at, text, meter}, 409 {current, text} or 422 {errors}."""
    actor = current_actor()
    listing = listings.find_editable(actor, kind.name, code)
    form = kind.form(data=listings.edit_state(listing).content)
    if not form.validate_on_submit():
        return jsonify(errors=_errors(form), text=_("Chưa lưu: có mục cần sửa.")), 422
    content = form.content()
    try:
        with unit_of_work():
            version = listings.save_listing(actor, listing, content, version=_typed_version(form))
    except InvalidFields as refusal:
        put_problems_on(form, refusal)
        return jsonify(errors=_errors(form), text=_("Chưa lưu: có mục cần sửa.")), 422
    except StaleVersion as refusal:
        text = _("Chưa lưu: người khác vừa lưu tin này. Nội dung bạn gõ vẫn ở đây; bấm Lưu nháp để xem chỗ khác nhau.")
        return jsonify(current=refusal.current, text=text), 409
    except IllegalTransition:
        return jsonify(
            current=None, text=_("Chưa lưu: tin đã được gửi hoặc đã đóng. Hãy chép lại nội dung rồi tải lại trang.")
        ), 409
    now = utc_now().astimezone(LOCAL_ZONE)
    meter = (
        render_template("listings/_meter.html", **facts_for_editor(kind.name, content)) if kind.name == "demand" else ""
    )
    return jsonify(
        version=version, saved_at=now.isoformat(), text=_("Đã lưu lúc %(time)s", time=f"{now:%H:%M}"), meter=meter
    )


def _go_on(kind: Kind, code: str) -> ResponseReturnValue:
    """After a save: on to what the pressed button asked for."""
    pressed = request.form.get("act", "save")
    if pressed == "submit":
        return redirect(kind.url("submit", code=code), 307)  # the same form, posted on: it carries the token
    if pressed == "preview":
        return redirect(kind.url("preview", code=code))
    if pressed == "help" and kind.name == "demand":
        return redirect(url_for("help_requests.show", code=code))
    flash(_("Đã lưu lúc %(time)s.", time=f"{utc_now().astimezone(LOCAL_ZONE):%H:%M}"), "ok")
    return redirect(kind.url("edit", code=code))


def _edit_page(kind: Kind, listing: Listing, form: ListingForm, **more: Any) -> str:  # Any: template values
    state = listings.edit_state(listing)
    return render_template(
        more.pop("template", "listings/edit.html"), form=form, kind=kind.name, listing=listing, revision=state.revision,
        **facts_for_editor(kind.name, form.content()), **more,
    )  # fmt: skip


def _conflict(kind: Kind, code: str, form: ListingForm, refusal: StaleVersion) -> ResponseReturnValue:
    """Somebody saved in between: what was typed stays in the form, and what differs stands above it."""
    listing = listings.find_editable(current_actor(), kind.name, code)
    stored = listings.edit_state(listing).content
    codes = frozenset(name for name in form.content() if form[name].type != "TextAreaField")
    changes, _unchanged = compare(stored, form.content(), list(form.content()), codes=codes)
    form.version.data = str(refusal.current)
    return _edit_page(kind, listing, form, template="listings/conflict.html", changes=changes), 409


def _own_organisations(actor: Actor) -> list[tuple[int, str]]:
    """The organisations the actor may post for, with their names in the reader's language."""
    rows = [row for row in list_own_organisations(actor) if can(actor, Permission.LISTING_CREATE, row.id)]
    return [(row.id, row.name_en if select_locale() == "en" and row.name_en else row.name_vi) for row in rows]


def _typed_version(form: ListingForm) -> int:
    typed = form.version.data
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _errors(form: ListingForm) -> dict[str, list[str]]:
    return {name or "form": [str(text) for text in texts] for name, texts in form.errors.items()}
