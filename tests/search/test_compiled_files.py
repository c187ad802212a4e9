"""Old compiled code goes, what may be in use stays."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from techmart.search.compiled_files import forget_old_compiled


def _folder(path: Path, *, days: float) -> Path:
    path.mkdir(parents=True)
    (path / "scoring.nbc").write_bytes(b"code")
    when = time.time() - days * 24 * 3600
    os.utime(path, (when, when))
    return path


def test_only_old_folders_of_other_versions_go(tmp_path: Path):
    own = _folder(tmp_path / "0123456789ab", days=30)
    old = _folder(tmp_path / "ba9876543210", days=30)
    fresh = _folder(tmp_path / "aaaaaaaaaaaa", days=1)
    other = _folder(tmp_path / "photographs", days=30)
    assert forget_old_compiled(own) == 1
    assert [path.exists() for path in (own, old, fresh, other)] == [True, False, True, True]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0123456789ab", "aaaaaaaaaaaa", "photographs"]
    assert forget_old_compiled(own) == 0
    assert forget_old_compiled(tmp_path / "nowhere" / "0123456789ab") == 0


def test_several_processes_may_do_it_at_once(tmp_path: Path):
    own = tmp_path / "0123456789ab"
    for number in range(40):
        _folder(tmp_path / f"{number:012x}", days=30)
    removed: list[int] = []
    threads = [threading.Thread(target=lambda: removed.append(forget_old_compiled(own))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not list(tmp_path.iterdir())
    assert len(removed) == 4
