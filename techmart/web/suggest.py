"""`GET /suggest?q=`: what the search bar offers while somebody types, as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.extensions import limiter
from techmart.operations.addresses import Address, load_addresses, load_patent_numbers
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
    found = load_addresses(ANONYMOUS, [row.key for row in rows if ":" in row.key])
    numbers = load_patent_numbers([row.key for row in rows if row.kind == "identifier" and row.key in found])
    shown = [line for row in rows if (line := _shown(row, found, numbers.get(row.key, ()), typed)) is not None]
    response = jsonify(shown)
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


def _shown(row: Suggestion, found: Mapping[str, Address], numbers: Sequence[str], typed: str) -> dict[str, str] | None:
    """One row with its address; None for what an anonymous reader may not see now."""
    if row.kind == "term":
        return {"text": row.text, "kind": "term", "note": "", "url": url_for("search.results", q=row.text)}
    if row.kind == "sector":
        url = url_for("search.results", sector=row.key)
        return {"text": row.text, "kind": "sector", "note": str(_("Lĩnh vực")), "url": url}
    address = found.get(row.key)
    if address is None:
        return None
    kind, code = address.kind, address.code
    note = label("listing_kind", kind, select_locale())
    if kind == "organisation":
        url = url_for("organisations.show", slug=code)
    else:
        url = url_for(f"{kind}s.show", code=code)
        if row.kind == "identifier":
            wanted = _compact(typed)
            note = next((number for number in numbers if _compact(number).startswith(wanted)), code)
    return {"text": row.text, "kind": kind, "note": note, "url": url}


def _compact(text: str) -> str:
    return _NOT_ALNUM.sub("", text).lower()
