"""The application's search engine: opened once per process, refreshed when a commit appeared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, current_app

from config import Settings
from techmart.search.compiled_files import forget_old_compiled
from techmart.search.engine import SearchEngine
from techmart.search.whoosh_engine import WhooshEngine

LOCK_NAME = "sync.lock"


def init_app(app: Flask) -> None:
    """Open (or make) the index. Memory for queries kept ready is bounded by SEARCH_CACHE_MB."""
    settings: Settings = app.config["SETTINGS"]
    forget_old_compiled()
    app.extensions["techmart-search"] = open_engine(settings.search_index_dir, cache_mb=settings.search_cache_mb)


def open_engine(directory: Path, *, cache_mb: int) -> SearchEngine:
    """The embedded engine on `directory`, with the product's analysis and weights."""
    return WhooshEngine(directory, cache_mb=cache_mb)


def current_engine() -> SearchEngine:
    """The engine of this application."""
    engine: SearchEngine = current_app.extensions["techmart-search"]
    return engine


def check_index() -> dict[str, Any]:  # Any: figures and texts
    """Whether there is an index and it can be opened; a lost folder looks like one never made. Never raises."""
    try:
        status = current_engine().status()
    except Exception as error:  # outermost: whatever is wrong with the files, the answer is "not ready"
        return {"ok": False, "error": type(error).__name__}
    return {"ok": status["generation"] != "-", "generation": status["generation"], "documents": status["documents"]}


def sync_lock_path() -> Path:
    """The file all writers of the index lock."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.var_dir / LOCK_NAME
