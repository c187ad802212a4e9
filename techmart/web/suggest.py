"""`GET /suggest?q=`: what the search bar offers while somebody types, as JSON."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.extensions import limiter
from techmart.models.listing import Listing, Patent
from techmart.models.organisation import Organisation
from techmart.operations.found import load_found
from techmart.rules.policy import ANONYMOUS
from techmart.rules.vocabulary import label
from techmart.search.service import current_engine
from techmart.search.suggest import ROWS, Suggestion
from techmart.web.guards import public
from techmart.web.i18n import select_locale

bp = Blueprint("suggest", __name__)

_NOT_ALNUM: Final = re.compile(r"[\W_]+")


@bp.get("/suggest")
@limiter.limit("1200 per minute")
@public
def suggest() -> ResponseReturnValue:
    """A list of {text, kind, note, url}, at most ROWS. Any text is answered with 200, an empty one with an empty list.

    kind: term | sector | offer | patent | demand | organisation; `note` is the kind, or the number typed, in words.
    Anyone's view: the database is asked again, as an anonymous reader, about everything that is named.
    """
    typed = request.args.get("q", "")
    rows = current_engine().suggest(typed, ROWS)
    found = load_found(ANONYMOUS, [row.key for row in rows if ":" in row.key])
    shown = [line for row in rows if (line := _shown(row, found, typed)) is not None]
    response = jsonify(shown)
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


def _shown(row: Suggestion, found: dict[str, Listing | Organisation], typed: str) -> dict[str, str] | None:
    """One row with its address; None for what an anonymous reader may not see now."""
    locale = select_locale()
    if row.kind == "term":
        return {"text": row.text, "kind": "term", "note": "", "url": url_for("search.results", q=row.text)}
    if row.kind == "sector":
        note = str(_("Lĩnh vực"))
        return {"text": row.text, "kind": "sector", "note": note, "url": url_for("search.results", sector=row.key)}
    thing = found.get(row.key)
    if thing is None:
        return None
    if isinstance(thing, Organisation):
        url = url_for("organisations.show", slug=thing.slug)
        return {
            "text": row.text,
            "kind": "organisation",
            "note": label("listing_kind", "organisation", locale),
            "url": url,
        }
    note = _number(thing, typed) if row.kind == "identifier" else label("listing_kind", thing.kind, locale)
    return {"text": row.text, "kind": thing.kind, "note": note, "url": url_for(f"{thing.kind}s.show", code=thing.code)}


def _number(listing: Listing, typed: str) -> str:
    """The number of the listing that begins as typed; its code when none is shown that way."""
    numbers = [listing.code]
    if isinstance(listing, Patent):
        numbers += [
            number
            for number in (
                listing.application_number, listing.publication_number, listing.grant_number, listing.pct_number,
            )
            if number
        ]  # fmt: skip
    wanted = _compact(typed)
    return next((number for number in numbers if _compact(number).startswith(wanted)), listing.code)


def _compact(text: str) -> str:
    return _NOT_ALNUM.sub("", text).lower()
