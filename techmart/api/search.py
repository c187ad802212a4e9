"""`GET /api/v1/search`: the results page as JSON."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from techmart.models.listing import Demand, Listing
from techmart.models.organisation import Organisation
from techmart.operations.found import load_found
from techmart.rules.policy import ANONYMOUS
from techmart.search.glossary_store import current_glossary
from techmart.search.query import offer_spelling, run_query
from techmart.search.search_args import SearchArgs
from techmart.search.service import current_engine
from techmart.web.guards import public
from techmart.web.search_view import piece_text, translations

bp = Blueprint("api_search", __name__, url_prefix="/api/v1")

_MAX_LIMIT: Final = 100


@bp.get("/search")
@public
def search() -> ResponseReturnValue:
    """Parameters as on /search, and `limit` (1–100). Anyone's view: a session does not widen it."""
    args = SearchArgs.read(request.args)
    typed = request.args.get("limit", "")
    limit = min(max(int(typed), 1), _MAX_LIMIT) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 20
    answer = run_query(current_engine(), current_glossary(), args.query(limit=limit))
    found = load_found(ANONYMOUS, [hit.key for hit in answer.result.hits])
    scores = {hit.key: hit.score for hit in answer.result.hits}
    return jsonify(
        total=answer.result.total,
        page=args.page,
        limit=limit,
        relaxed=answer.result.relaxed,
        did_you_mean=offer_spelling(current_engine(), answer) or None,
        items=[{**item_of(thing), "score": round(scores[key], 4)} for key, thing in found.items()],
        facets={
            name: [{"code": code, "count": count} for code, count in rows]
            for name, rows in answer.result.facets.items()
        },
        understood=[
            {"kind": piece.kind, "text": piece.text, "shown": piece_text(piece)}
            for piece in answer.understanding.pieces
        ],
        words=list(answer.plan.words),
        translations=[{"phrase": phrase, "into": into} for phrase, into in translations(answer)],
    )


def item_of(thing: Listing | Organisation) -> dict[str, Any]:  # Any: JSON values
    """A public thing in short. An anonymous demand does not name its organisation."""
    base: str = current_app.config["SETTINGS"].base_url
    if isinstance(thing, Organisation):
        return {
            "kind": "organisation",
            "title": thing.name_vi,
            "title_en": thing.name_en,
            "url": base + url_for("organisations.show", slug=thing.slug),
            "organisation_kind": thing.kind,
            "sectors": thing.sectors,
            "province": thing.province_code,
            "verified": thing.is_verified,
        }
    hides_owner = isinstance(thing, Demand) and thing.anonymous
    return {
        "kind": thing.kind,
        "code": thing.code,
        "title": thing.title,
        "title_en": thing.title_en,
        "summary": thing.summary,
        "lang": thing.lang,
        "url": base + url_for(f"{thing.kind}s.show", code=thing.code),
        "organisation": None if hides_owner else thing.organisation.name_vi,
        "sectors": thing.sectors,
        "ipc": thing.ipc,
        "province": thing.province_code,
        "trl": getattr(thing, "trl", None),
        "price_min_vnd": getattr(thing, "price_min_vnd", None)
        if not isinstance(thing, Demand)
        else thing.budget_min_vnd,
        "price_max_vnd": getattr(thing, "price_max_vnd", None)
        if not isinstance(thing, Demand)
        else thing.budget_max_vnd,
        "published_at": thing.published_at.isoformat() if thing.published_at else None,
        "illustrative": thing.illustrative,
    }
