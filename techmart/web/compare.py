"""Up to four listings side by side. The address names them, so that the page can be shared and printed."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from techmart.operations.found import load_by_codes
from techmart.rules.identifiers import parse_listing_code
from techmart.rules.text import clean, truncate
from techmart.web.actor import current_actor
from techmart.web.compare_view import compare_rows
from techmart.web.guards import public

bp = Blueprint("compare", __name__)

MOST = 4
_READ = 40


@bp.get("/compare")
@public
def show() -> ResponseReturnValue:
    typed = [clean(text, keep_lines=False) for text in request.args.getlist("code")[:_READ]]
    asked = list(dict.fromkeys(parse_listing_code(text) or text for text in typed if text))
    found = load_by_codes(current_actor(), asked)
    listings = list(found.values())[:MOST]
    codes = [listing.code for listing in listings]
    rows = compare_rows(listings) if listings else []
    only_differences = request.args.get("only") == "differences" and len(listings) > 1
    return render_template(
        "compare/show.html",
        listings=listings,
        codes=codes,
        rows=[row for row in rows if row.differs] if only_differences else rows,
        differing=sum(row.differs for row in rows),
        only_differences=only_differences,
        unknown=[truncate(text, 60) for text in asked if text not in found],
        is_cut=len(found) > MOST,
        most=MOST,
        address=_address,
        nav="search",
    )


def _address(codes: list[str], *, only: bool = False) -> str:
    """The page for these codes."""
    pairs = [("code", code) for code in codes] + ([("only", "differences")] if only else [])
    return url_for("compare.show") + (f"?{urlencode(pairs)}" if pairs else "")
