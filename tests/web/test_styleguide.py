"""The style guide leaves no macro out."""

from __future__ import annotations

import re
from pathlib import Path

from flask.testing import FlaskClient

from config import ROOT

TEMPLATES = ROOT / "techmart/templates"
_MACRO = re.compile(r"{%-? macro (\w+)\(")


def test_every_macro_is_shown_and_no_robot_keeps_it(client: FlaskClient) -> None:
    source = (TEMPLATES / "styleguide.html").read_text(encoding="utf-8")
    macros = [name for path in _macro_files() for name in _MACRO.findall(path.read_text(encoding="utf-8"))]
    assert len(macros) > 20
    assert [name for name in macros if not re.search(rf"{{{{ [^}}]*\b{name}\(|call {name}\(", source)] == []
    answer = client.get("/styleguide")
    assert answer.status_code == 200
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text


def _macro_files() -> list[Path]:
    return sorted((TEMPLATES / "macros").glob("*.html"))
