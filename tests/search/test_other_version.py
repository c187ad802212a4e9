"""An index that another version wrote: commands say what to do, and a rebuild mends it."""

from __future__ import annotations

import pytest
from flask import Flask

from techmart.search import array_file
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import rebuild_index
from techmart.search.whoosh_engine import WhooshEngine
from tests import factories as make


@pytest.mark.parametrize("command", ["status", "verify"])
def test_commands_name_the_remedy(app: Flask, monkeypatch: pytest.MonkeyPatch, command: str):
    make.offer()
    rebuild_index(current_engine(), sync_lock_path())
    monkeypatch.setattr(array_file, "_MAGIC", array_file._MAGIC[:-1] + b"?")
    # As after an update: what was open is not.
    app.extensions["techmart-search"] = WhooshEngine(app.config["SETTINGS"].search_index_dir, cache_mb=16)
    run = app.test_cli_runner().invoke
    result = run(args=["search", command])
    assert result.exit_code == 1
    assert "flask search rebuild" in result.output
    assert "Traceback" not in result.output
    assert run(args=["search", "rebuild"]).exit_code == 0
    assert run(args=["search", command]).exit_code == 0
