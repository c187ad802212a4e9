"""Which page is shown, and of how many."""

from __future__ import annotations


def fit_page(wanted: int, total: int, size: int) -> tuple[int, int]:
    """The page nearest to the one wanted, and how many pages of `size` rows there are, at least one."""
    pages = max(1, -(-total // size))
    return min(max(1, wanted), pages), pages
