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
    """The expression a package gives, else the name it gives, else what its classifiers say."""
    facts = package.metadata.json
    classes = [text.rpartition(" :: ")[2] for text in facts.get("classifier", ()) if text.startswith("License :: OSI")]
    named = str(facts.get("license") or "").strip()
    is_name = "\n" not in named and len(named) < 60 and not named.startswith("Copyright")
    return str(facts.get("license_expression") or (named if is_name else "") or "; ".join(classes) or named[:60])
