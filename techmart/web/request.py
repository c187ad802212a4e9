"""The request class of the site: a body that holds no files is small, and HEAD is GET without the answer's body."""

from __future__ import annotations

from typing import Any

from flask import Request

#: Twice what the longest listing takes when every letter is percent-encoded.
MAXIMUM_TEXT_BYTES = 1024 * 1024


class SiteRequest(Request):
    """Two traps of the framework shut for every view.

    Werkzeug bounds the text parts of a multipart body, but reads any other form whole; that one is bounded here. Flask
    lets a view of GET and POST answer HEAD too, which a view asking `method == "GET"` would take for a POST, and which
    carries no form token; here it sees GET.
    """

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:  # Any: WSGI
        super().__init__(environ, *args, **kwargs)
        if self.method == "HEAD":
            self.method = "GET"

    @property
    def max_content_length(self) -> int | None:
        limit = super().max_content_length
        return limit if self.mimetype == "multipart/form-data" or limit is None else min(limit, MAXIMUM_TEXT_BYTES)

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        # The base class keeps a limit of one request apart from the configured one.
        self._max_content_length = value
