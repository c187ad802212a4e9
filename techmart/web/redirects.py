"""Where to go next, without leaving the site."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote, urlsplit

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

_MAXIMUM_LENGTH = 2000


def safe_path(target: str | None) -> str | None:
    """`target` when it is a plain path on this site, else None.

    Refused: other hosts, schemes, protocol-relative and backslash forms, control characters, also percent-encoded.
    """
    if not target or len(target) > _MAXIMUM_LENGTH:
        return None
    for form in (target, unquote(target), unquote(unquote(target))):
        if not form.startswith("/") or form.startswith(("//", "/\\")) or "\\" in form:
            return None
        if any(unicodedata.category(character) in ("Cc", "Cf") for character in form) or "//" in form.split("?")[0]:
            return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def redirect_next(default_endpoint: str) -> Response:
    """Redirect to `?next=` when it is safe, else to the default."""
    return redirect(safe_path(request.values.get("next")) or url_for(default_endpoint))
