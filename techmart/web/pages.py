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
    rows = [(item.metadata["Name"], item.version, _licence_of(item)) for item in metadata.distributions()]
    manifest = Path(current_app.static_folder or "") / "vendor/manifest.json"
    if manifest.exists():
        packages = json.loads(manifest.read_text(encoding="utf-8"))["packages"]
        rows += [(package["name"], package["version"], package["licence"]) for package in packages]
    return sorted(set(rows), key=lambda row: row[0].lower())


def _licence_of(package: metadata.Distribution) -> str:
    """The first line of what a package says; some put the whole text there."""
    said = package.metadata.json.get("license_expression") or package.metadata.json.get("license") or ""
    return str(said)[:60].partition("\n")[0]
