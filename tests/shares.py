"""How the tests are shared out when several processes run them (`make test`)."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

#: Tests that run sites of their own: one site and one browser serve the whole folder, and what is killed in the midst of
#: its work is not slowed down by another process that does the same.
_TOGETHER = ("tests/browser/", "tests/robustness/")


class FilesAndFolders(LoadScopeScheduling):
    """A file goes to one process as a whole, as its fixtures want, and so do these folders."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in _TOGETHER if nodeid.startswith(folder)), nodeid.partition("::")[0])
