"""Reads a page as a browser would and lists what could run in it."""

from __future__ import annotations

from html.parser import HTMLParser

_FORBIDDEN = frozenset({"applet", "base", "embed", "frame", "iframe", "math", "object", "style", "template"})
_ADDRESSES = frozenset({"action", "data", "formaction", "href", "poster", "src", "xlink:href"})
_SCHEMES = ("javascript:", "vbscript:", "data:")
_DATA_BLOCKS = ("application/ld+json",)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _FORBIDDEN:
            self.found.append(f"<{tag}>")
        if (
            tag == "script"
            and not values.get("src", "").startswith("/static/")
            and values.get("type") not in _DATA_BLOCKS
        ):
            self.found.append(f"<script {values}>")
        if tag == "meta" and "http-equiv" in values:
            self.found.append("<meta http-equiv>")
        for name, value in values.items():
            plain = "".join(value.split()).lower()
            is_picture = tag == "img" and plain.startswith("data:image/")
            if (
                name.startswith("on")
                or name in ("style", "srcdoc")
                or (name in _ADDRESSES and plain.startswith(_SCHEMES) and not is_picture)
            ):
                self.found.append(f"<{tag} {name}={value!r}>")


def what_could_run(page: str) -> list[str]:
    """Inline scripts and styles, event attributes, script addresses, foreign frames; empty for a good page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found
