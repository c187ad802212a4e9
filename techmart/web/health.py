"""`/healthz`: the process answers. `/readyz`: database, index, worker and queues are in order."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from techmart.operations.readiness import check_readiness
from techmart.search.service import check_index
from techmart.web.guards import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """200, or 503 when something is not in order; JSON `{"status", "checks": {name: {"ok", …figures}}}` either way."""
    checks = {**check_readiness(), "index": check_index()}
    is_ready = all(check["ok"] for check in checks.values())
    return jsonify(status="ok" if is_ready else "failing", checks=checks), 200 if is_ready else 503
