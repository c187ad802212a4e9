"""What a page must not do: write to the console, break the content security policy, ask for what is not there."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

#: Chromium says so of every page that answers with an error status; the status itself is judged by `Watch._answered`.
_STATUS_NOTE = "Failed to load resource: the server responded with a status of"


class Watch:
    """Collects the problems of a page, or of all pages of a context."""

    def __init__(self, watched: BrowserContext | Page, address: str) -> None:
        self.problems: list[str] = []
        #: Statuses a script may be answered with in this test, e.g. 409 when it saves on top of somebody else.
        self.expected_statuses: set[int] = set()
        self._address = address
        if isinstance(watched, Page):
            self._attend(watched)
        else:
            watched.on("page", self._attend)

    def _attend(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_STATUS_NOTE):
            self.problems.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _failed(self, request: Request) -> None:
        # Aborted: the page was left, or the answer is a download.
        if request.url.startswith(self._address) and "ERR_ABORTED" not in (request.failure or ""):
            self.problems.append(f"request failed: {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        if not response.url.startswith(self._address):
            self.problems.append(f"asked another site: {response.url}")
        is_page = response.request.resource_type == "document"
        is_expected = response.status < 400 or (is_page and response.status < 500)
        if not is_expected and response.status not in self.expected_statuses:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")
