"""A rebuild on all cores that is killed takes its worker processes with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.robustness.processes import Site, kill_alone, site_in, wait_until

pytestmark = pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core builds in one process")

_SCRIPT = '''
"""Builds segments without end."""
import itertools, pathlib, sys
from techmart.search.document import SearchDocument
from techmart.search.parallel import build_in_parallel
from techmart.search.weights import PIVOTS

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    document = SearchDocument("offer:1", "offer", 1, 1, "vi", {"title": "Màng lọc nước", "body": "nước thải " * 500})
    paths = ((number, folder / f"segment{number}") for number in itertools.count())
    for _ in build_in_parallel(paths, itertools.repeat([document] * 200), PIVOTS):
        pass
'''


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as made:
        yield made


def test_no_process_of_the_pool_outlives_the_killed_parent(site: Site):
    (site.directory / "endless_build.py").write_text(_SCRIPT, encoding="utf-8")
    build = site.start("endless_build", str(site.directory))
    wait_until(lambda: any(site.directory.glob("segment*")), build)
    children = members_of(build.pid) - {build.pid}
    assert children
    kill_alone(build)
    wait_until(lambda: not members_of(build.pid), seconds=10)


def members_of(group: int) -> set[int]:
    """The processes of a group that are still running (a zombie is not)."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = path.read_text().split(" (", 1)
        except (OSError, ValueError):
            continue
        state, _parent, its_group = rest.rsplit(") ", 1)[1].split()[:3]
        if int(its_group) == group and state != "Z":
            found.add(int(pid))
    return found
