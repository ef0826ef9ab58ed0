"""The host app with the copilot's own chat window instead of rasa-webchat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Route, expect

from support.host_app import TOAST_MS, HostApp, Opener

__all__ = ["WindowApp", "window_app"]

#: No inline styles: the demo page's own policy allows them for rasa-webchat.
STRICT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'"
)
_VIOLATIONS = """
  window.violations = [];
  addEventListener("securitypolicyviolation", ({ violatedDirective, sample }) =>
    window.violations.push(`${violatedDirective} ${sample}`));
"""


class WindowApp:
    """The host app with the chat window.

    Args:
        app: the tab.
    """

    def __init__(self, app: HostApp) -> None:
        self.app = app
        self.host = app.page.locator("rasa-autoplay-chat")
        self.launcher = self.host.locator(".launcher")
        self.window = self.host.locator(".window")
        self.bot = self.host.locator(".row.bot")
        self.input = self.host.locator("textarea")

    async def visit(self, path: str = "projects") -> None:
        """Load the page."""
        url = f"{self.app.pair.base}/demo/{path}?user={self.app.user_id}&chat=window"
        await self.app.page.goto(url, wait_until="domcontentloaded")
        await expect(self.host.locator(".launcher, .window").filter(visible=True)).to_be_visible()

    async def invited(self) -> None:
        """Edit three projects, and wait for the toast."""
        await self.visit()
        await self.app.edit_three()
        await expect(self.app.toast).to_be_visible(timeout=TOAST_MS)


@asynccontextmanager
async def window_app(open_app: Opener, **options: Any) -> AsyncIterator[WindowApp]:
    """A tab whose page has the strict policy; at the end, the policy has refused nothing."""

    async def strictly(route: Route) -> None:
        answer = await route.fetch()
        headers = {**answer.headers, "content-security-policy": STRICT_CSP}
        await route.fulfill(response=answer, headers=headers)

    async with open_app(**options) as app:
        await app.page.route("**/demo/projects?*", strictly)
        await app.page.add_init_script(_VIOLATIONS)
        yield WindowApp(app)
        # The host app's own favicon and pictures are allowed, and rasa-webchat is not there.
        assert await app.evaluate("() => window.violations") == []
        assert await app.page.locator(".rw-widget-container").count() == 0
