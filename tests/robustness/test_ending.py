"""A worker ends when it is asked to, whoever started it and however early."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.robustness.processes import Site, site_in


@pytest.fixture
def site(app: Flask, tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as made:
        yield made


@pytest.mark.parametrize("inherited", [signal.default_int_handler, signal.SIG_IGN], ids=["terminal", "background"])
def test_a_worker_that_has_just_begun_ends_at_once(site: Site, inherited: signal.Handlers) -> None:
    ours = signal.signal(signal.SIGINT, inherited)  # shells have it ignored by what they start in the background
    try:
        worker = site.start_worker()
    finally:
        signal.signal(signal.SIGINT, ours)
    assert site.stop(worker) == 0
