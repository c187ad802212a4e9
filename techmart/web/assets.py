"""Static files under names that hold their content's hash, so that browsers keep them for a year and never see an old one."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from wsgiref.headers import Headers

import structlog
from flask import Flask
from whitenoise import WhiteNoise

from techmart.web.headers import headers_for_all

_PREFIX = "/static/"
_HASHED = re.compile(r"\.[0-9a-f]{10}\.[a-z0-9]+$")
_ONE_HOUR_SECONDS = 3600


def init_app(app: Flask) -> None:
    """Serve the static folder through WhiteNoise and give templates `asset()` and `has_vendor`."""
    assert app.static_folder is not None
    root = Path(app.static_folder)
    always = headers_for_all(is_https=app.config["SETTINGS"].is_https)

    def _add_headers(headers: Headers, _path: str, _url: str) -> None:
        for name, value in always.items():
            headers[name] = value

    server = WhiteNoise(
        app.wsgi_app,
        max_age=_ONE_HOUR_SECONDS,
        immutable_file_test=lambda path, url: bool(_HASHED.search(url)),
        add_headers_function=_add_headers,
    )
    urls: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or path.name.startswith(".") or path.suffix == ".gz":
            continue
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        urls[name] = f"{_PREFIX}{name.removesuffix(path.suffix)}.{digest}{path.suffix}"
        server.add_file_to_dictionary(f"{_PREFIX}{name}", str(path))
        server.add_file_to_dictionary(urls[name], str(path))
    app.wsgi_app = server  # type: ignore[method-assign]  # the usual way to add WSGI middleware
    app.extensions["techmart-assets"] = urls
    has_vendor = "vendor/sprite.svg" in urls
    if not has_vendor:
        structlog.get_logger().warning("browser_parts_missing", hint="run `make install`; the site works without them")
    app.jinja_env.globals.update(asset=lambda name: urls.get(name, f"{_PREFIX}{name}"), has_vendor=has_vendor)
