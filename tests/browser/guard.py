"""What no page of ours may ever do: log an error, break its policy, reach elsewhere, run what a model said."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Page, Request

INERT_SCHEMES = {"data", "blob", "about"}
REPORT_VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`));
"""


class Guard:
    """Watches a context from its first page on; ``check`` says what was seen."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._homes: set[str] = set()
        self._home = ""
        self._expected: list[re.Pattern[str]] = []

    async def watch(self, context: BrowserContext) -> None:
        await context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on(
            "weberror", lambda error: self.seen.append(f"uncaught: {error.error.stack or error.error}")
        )
        context.on("request", self._request)
        context.on("dialog", self._dialog)
        context.on("page", self._page)

    def at_home(self, url: str) -> None:
        """Requests to the origin of ``url`` are fine."""
        self._home = urlsplit(url).netloc
        self._homes.add(self._home)

    def expect(self, pattern: str) -> None:
        """What this test provokes on purpose."""
        self._expected.append(re.compile(pattern))

    def check(self) -> None:
        unexpected = [
            line
            for line in self.seen
            if not self._went_away(line) and not any(one.search(line) for one in self._expected)
        ]
        assert not unexpected, "what no page of ours may do:\n" + "\n".join(unexpected)

    def _went_away(self, line: str) -> bool:
        """A page of a site that the test has ended since fetches in vain what it wanted in an idle moment."""
        if "An unknown error occurred when fetching the script" in line:
            return True  # the service worker's, where the test took the network away meanwhile
        refused = "ERR_CONNECTION_REFUSED" in line or "ERR_CONNECTION_RESET" in line
        return refused and "/assets/" in line and self._home not in line

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.seen.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme not in INERT_SCHEMES and where.netloc not in self._homes:
            self.seen.append(f"request to elsewhere: {request.url}")

    async def _dialog(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _page(self, page: Page) -> None:
        page.on("popup", lambda popup: self.seen.append(f"popup: {popup.url}"))
