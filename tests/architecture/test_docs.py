"""The documents keep up with the code: settings, links, commands, state diagrams and the licence."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

import pytest

from techmart.rules.lifecycle import LISTING_TRANSITIONS, REVISION_TRANSITIONS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
#: Of https://www.gnu.org/licenses/agpl-3.0.txt.
LICENCE_SHA256 = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"
#: Registered by extensions, not by the application itself.
FOREIGN_COMMANDS = {"db", "run", "shell", "routes", "limiter"}

_SETTING = re.compile(r"[A-Z][A-Z_]{3,}")
_TABLE_ROW = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_DIAGRAM = re.compile(r"```mermaid\nstateDiagram-v2\n(.*?)```", re.DOTALL)
_ARROW = re.compile(r"^ +(\w+) --> (\w+): (\w+)( \(reason\))?$", re.MULTILINE)
_COMMAND = re.compile(r"(?:flask --app wsgi|^\s*techmart) ((?:[a-z]+ ?){1,2})", re.MULTILINE)


def _names_read(source: str) -> set[str]:
    """Texts in capitals that are first arguments of calls: the names asked of the environment."""
    firsts = (node.args[0] for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args)
    texts = (first.value for first in firsts if isinstance(first, ast.Constant) and isinstance(first.value, str))
    return {text for text in texts if _SETTING.fullmatch(text)}


def test_every_setting_stands_in_the_readme_and_no_other():
    read = _names_read((ROOT / "config.py").read_text(encoding="utf-8"))
    assert {"SECRET_KEY", "PORT", "LOG_FORMAT"} <= read
    explained = _TABLE_ROW.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(explained) == sorted(read)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    links = _LINK.findall(path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documented_commands_exist(app, path):
    for words in (found.split() for found in _COMMAND.findall(path.read_text(encoding="utf-8"))):
        if words[0] in FOREIGN_COMMANDS:
            continue
        command = app.cli.commands.get(words[0])
        assert command is not None, words
        if len(words) > 1 and hasattr(command, "commands"):
            assert words[1] in command.commands, words


def test_state_diagrams_draw_the_tables():
    diagrams = _DIAGRAM.findall((ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
    for drawn, table in zip(diagrams, (LISTING_TRANSITIONS, REVISION_TRANSITIONS), strict=True):
        arrows = {(source, target, action, bool(reason)) for source, target, action, reason in _ARROW.findall(drawn)}
        assert arrows == {
            (str(s), str(row.target), str(row.action), row.reason_required) for row in table for s in row.sources
        }


def test_licence_is_the_whole_text():
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == LICENCE_SHA256
