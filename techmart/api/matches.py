"""`GET /api/v1/demands/<code>/matches` and its sisters: the matches of a public listing as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from techmart.api.search import item_of
from techmart.errors import NotFound
from techmart.extensions import limiter
from techmart.matching.match import Match, Thing, find_matches
from techmart.matching.profile import profile_of
from techmart.operations.found import load_by_codes, load_found
from techmart.operations.match_pair import may_pair
from techmart.rules.clock import local_today
from techmart.rules.policy import ANONYMOUS
from techmart.search.glossary_store import current_glossary
from techmart.search.service import current_engine
from techmart.web.guards import public

bp = Blueprint("api_matches", __name__, url_prefix="/api/v1")

_LIMIT = 20


@bp.get("/demands/<code>/matches", defaults={"kind": "demand"})
@bp.get("/offers/<code>/matches", defaults={"kind": "offer"})
@bp.get("/patents/<code>/matches", defaults={"kind": "patent"})
@public
@limiter.limit("60 per minute")
def matches(code: str, kind: str) -> ResponseReturnValue:
    """The 20 best matches, with the parts of their scores and the reasons. Anyone's view: a session does not widen it."""
    own = next(iter(load_by_codes(ANONYMOUS, [code]).values()), None)
    if own is None or own.kind != kind:
        raise NotFound

    def load(keys: Sequence[str]) -> Mapping[str, Thing]:
        return {key: other for key, other in load_found(ANONYMOUS, keys).items() if may_pair(own, other)}

    found = find_matches(
        current_engine().snapshot(), profile_of(own), load, current_glossary(), today=local_today(), limit=_LIMIT
    )
    return jsonify(code=own.code, kind=own.kind, items=[_item(match) for match in found])


def _item(match: Match) -> dict[str, Any]:  # Any: JSON values
    return {
        **item_of(match.thing),
        "match_score": match.score.total,
        "parts": [{"part": name, "points": points, "most": most} for name, points, most in match.score.parts],
        "phrases": [
            {"phrase": row.phrase, "through": row.through, "fields": row.fields, "other_fields": row.other_fields}
            for row in match.phrases
        ],
        "facts": [
            {
                "part": row.part,
                "state": row.state,
                "values": [value if isinstance(value, int) else str(value) for value in row.values],
                "missing_on": row.missing_on,
            }
            for row in match.score.findings
        ],
    }
