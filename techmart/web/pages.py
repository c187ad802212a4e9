"""Static pages: rules, privacy, accessibility, open data, licences, guide."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from techmart.errors import NotFound
from techmart.web.guards import public

bp = Blueprint("pages", __name__, url_prefix="/pages")

NAMES = frozenset({"accessibility", "guide", "licences", "open-data", "privacy", "rules"})


@bp.get("/<name>")
@public
def show(name: str) -> ResponseReturnValue:
    if name not in NAMES:
        raise NotFound
    parts = _licences() if name == "licences" else []
    return render_template(f"pages/{name}.html", parts=parts)


def _licences() -> list[tuple[str, str, str]]:
    """Name, version and licence of everything the running site is made of."""
    rows = [
        (str(item.metadata["Name"]), item.version, str(item.metadata.get("License-Expression") or item.metadata.get("License") or "")[:60])
        for item in metadata.distributions()
    ]
    manifest = Path(current_app.static_folder or "") / "vendor/manifest.json"
    if manifest.exists():
        packages = json.loads(manifest.read_text(encoding="utf-8"))["packages"]
        rows += [(package["name"], package["version"], package["licence"]) for package in packages]
    return sorted({(name, version, licence.splitlines()[0] if licence else "") for name, version, licence in rows}, key=lambda row: row[0].lower())
