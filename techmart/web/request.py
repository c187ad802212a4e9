"""The request class of the site: a body that holds no files is small."""

from __future__ import annotations

from flask import Request

#: Twice what the longest listing takes when every letter is percent-encoded.
MAXIMUM_TEXT_BYTES = 1024 * 1024


class SiteRequest(Request):
    """Werkzeug bounds the text parts of a multipart body, but reads any other form whole; that one is bounded here."""

    @property
    def max_content_length(self) -> int | None:
        limit = super().max_content_length
        return limit if self.mimetype == "multipart/form-data" or limit is None else min(limit, MAXIMUM_TEXT_BYTES)

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        # The base class keeps a limit of one request apart from the configured one.
        self._max_content_length = value
