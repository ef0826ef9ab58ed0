"""The Next.js example: built, served, and as its user sees it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from playwright.async_api import Page, Request, expect

from support.background import eventually
from support.host_app import HostApp
from support.node import NEXTJS, run_node
from support.pair import Pair
from support.processes import ServerProcess

__all__ = ["NextApp", "NextServer", "build"]

_START_S = 150.0


#: No telemetry, and no lookups for what a lock file may lack.
_QUIET = {**os.environ, "NEXT_TELEMETRY_DISABLED": "1", "NEXT_IGNORE_INCORRECT_LOCKFILE": "1"}


def build() -> None:
    """Run the equivalent of ``npm run build`` without npm."""
    run_node(["scripts/vendor.mjs"], NEXTJS)
    run_node(["node_modules/next/dist/bin/next", "build"], NEXTJS, environment=_QUIET)


class NextServer:
    """``next start`` at the second origin that the pair's credentials allow.

    Args:
        pair: the servers that the copilot is loaded from.
        folder: the folder for its log.
    """

    def __init__(self, pair: Pair, folder: Path) -> None:
        self.origin: str = pair.project.channel["allowed_origins"][-1]
        place = urlsplit(self.origin)
        program = str(NEXTJS / "node_modules" / "next" / "dist" / "bin" / "next")
        command = ["node", program, "start", str(NEXTJS), "-H", str(place.hostname), "-p", str(place.port)]
        environment = {**_QUIET, "RASA_URL": pair.origin}
        self._process = ServerProcess("next", command, folder, environment)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve while the context lasts, and return the origin."""
        try:
            await eventually(self._answers, within_s=_START_S, what="next start answers")
            yield self.origin
        finally:
            self._process.kill()

    async def _answers(self) -> bool:
        assert self._process.is_running, self._process.log_tail()
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{self.origin}/projects") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False


class NextApp(HostApp):
    """One tab with the Next.js example.

    Args:
        page: the browser's page.
        pair: the servers that the copilot is loaded from.
        user_id: the signed-in user.
        pictures: the folder for screenshots.
        origin: the origin of ``next start``.
    """

    def __init__(self, page: Page, pair: Pair, user_id: str, pictures: Path, origin: str) -> None:
        super().__init__(page, pair, user_id, pictures)
        self._origin = origin
        self._requests: list[Request] = []
        page.on("request", lambda request: self._requests.append(request))

    def hosts(self) -> set[str]:
        """The hosts that the browser contacted, without those that the page's policy blocked."""
        asked = [request.url for request in self._requests if request.failure != "csp"]
        return {urlsplit(url).hostname or "" for url in asked if not url.startswith(("data:", "blob:"))}

    async def visit(self, path: str = "projects", *, with_chat: bool = True) -> None:
        """Load the page and wait until its feed is open."""
        assert self.user_id
        await self.page.context.add_cookies([{"name": "user", "value": self.user_id, "url": self._origin}])
        async with self.page.expect_response("**/proactive/stream/**"):
            await self.page.goto(f"{self._origin}/{path}", wait_until="domcontentloaded")
        if with_chat:
            await expect(self.chat_launcher).to_be_visible()
            await self.page.wait_for_function("() => sessionStorage.chat_session")
