"""Imports go down only, nobody but the unit of work commits, and the request stays in the web layer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "techmart"

#: Layer → what it may import. A layer may always import itself.
MAY_IMPORT = {
    "errors": set(),
    "rules": {"errors"},
    "db": {"rules", "errors"},
    "models": {"db", "rules", "errors"},
    "search": {"models", "db", "rules", "errors"},
    "operations": {"models", "db", "rules", "errors", "exchange"},
    "exchange": {"search", "models", "db", "rules", "errors"},
    "matching": {"search", "models", "db", "rules", "errors"},
    "logs": set(),
    "extensions": {"models", "db"},
    "web": {"operations", "search", "matching", "exchange", "models", "db", "rules", "errors", "extensions"},
    "api": {"operations", "search", "matching", "exchange", "models", "db", "rules", "errors", "extensions", "web"},
    "jobs": {"operations", "search", "matching", "exchange", "models", "db", "rules", "errors"},
    "cli": {"jobs", "operations", "search", "matching", "exchange", "models", "db", "rules", "errors"},
}
REQUEST_NAMES = {"request", "session", "abort", "flash", "url_for", "g", "current_user"}
REQUEST_LAYERS = {"web", "api", "logs"}
#: Files that may commit, each with the reason beside it.
MAY_COMMIT = {"db.py"}


def _files() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def _layer(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("techmart"):
            if node.module == "techmart":
                yield from ((f"techmart.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name.startswith("techmart."))


def faults_of_imports(source: str, layer: str) -> list[str]:
    faults = []
    for module, line in _imports(ast.parse(source)):
        target = module.split(".")[1]
        if target != layer and target not in MAY_IMPORT[layer]:
            faults.append(f"line {line}: {layer} imports {module}")
    return faults


def faults_of_function_imports(source: str) -> list[str]:
    faults = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            faults += [f"line {line}: {module} imported inside {function.name}" for module, line in _imports(function)]
    return faults


def faults_of_request_use(source: str) -> list[str]:
    faults = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in ("flask", "flask_login"):
            names = {alias.name for alias in node.names} & REQUEST_NAMES
            faults += [f"line {node.lineno}: {name}" for name in sorted(names)]
    return faults


def faults_of_commit(source: str) -> list[str]:
    return [
        f"line {node.lineno}: .commit()"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and isinstance(node.func.value, ast.Name | ast.Attribute)
        and (node.func.value.id if isinstance(node.func.value, ast.Name) else node.func.value.attr) == "session"
    ]


def test_the_checkers_see_what_they_should():
    assert faults_of_imports("from techmart.web import guards", "rules")
    assert not faults_of_imports("from techmart.rules import clock", "operations")
    assert faults_of_imports("from techmart.search import sync", "operations")
    assert faults_of_function_imports("def f():\n    from techmart.rules import clock")
    assert faults_of_request_use("from flask import request")
    assert not faults_of_request_use("from flask import current_app")
    assert faults_of_commit("session.commit()")
    assert faults_of_commit("db.session.commit()")


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_layers(path):
    source, layer = path.read_text(encoding="utf-8"), _layer(path)
    assert faults_of_imports(source, layer) == []
    assert faults_of_function_imports(source) == []
    if layer not in REQUEST_LAYERS:
        assert faults_of_request_use(source) == []
    if path.name not in MAY_COMMIT:
        assert faults_of_commit(source) == []


def test_nothing_names_the_data_directory_of_the_evaluations():
    offenders = [path for path in _files() if "shared/data" in path.read_text(encoding="utf-8")]
    assert offenders == []
