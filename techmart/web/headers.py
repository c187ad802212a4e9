"""Security headers on every response, errors and files included."""

from __future__ import annotations

from flask import Flask, Response, request

from techmart.web.sessions import cookie_name

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
}
_ONE_YEAR_SECONDS = 31_536_000


def headers_for_all(*, is_https: bool) -> dict[str, str]:
    """What every response carries, pages and static files alike."""
    if not is_https:
        return SECURITY_HEADERS
    return {**SECURITY_HEADERS, "Strict-Transport-Security": f"max-age={_ONE_YEAR_SECONDS}; includeSubDomains"}


def init_app(app: Flask) -> None:
    """Add the headers; a view may set a stricter policy of its own (attachments are sandboxed)."""
    always = headers_for_all(is_https=app.config["SETTINGS"].is_https)

    @app.after_request
    def _add_headers(response: Response) -> Response:
        for name, value in always.items():
            response.headers.setdefault(name, value)
        # By the cookie, not by the person: the database is not asked again, and may be what is broken.
        if not request.path.startswith("/static/") and cookie_name() in request.cookies:
            response.headers["Cache-Control"] = "no-store"
        return response
