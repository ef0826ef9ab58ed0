"""An app's page with a posthog-js of some version, and the real capture routes on another origin."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from support.background import PATIENCE_S, BackgroundLoop, eventually
from support.gateway import BASE, ServedGateway, served_gateway

from browser.unit.conftest import chromium, stand_in_loop
from browser.unit.stand_in import LIBRARIES
from rasa_autoplay.events.models import SlimAction

__all__ = ["NEWEST", "QUIET", "Site", "chromium", "site", "stand_in_loop"]

NEWEST = LIBRARIES / "posthog-js" / "dist" / "array.js"
#: The documented configuration, without more scripts.
QUIET: dict[str, Any] = {
    "person_profiles": "identified_only",
    "capture_pageview": "history_change",
    "request_batching": False,
    "disable_compression": True,
    "advanced_disable_flags": True,
    "disable_external_dependency_loading": True,
}


class _Pages(ThreadingHTTPServer):
    """The app's own server: every path but the library's is a page."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.library = NEWEST
        self.page = ""


class _Answer(BaseHTTPRequestHandler):
    server: _Pages

    def do_GET(self) -> None:
        if self.path == "/posthog.js":
            self._send(self.server.library.read_bytes(), "text/javascript")
        elif self.path.startswith("/away"):
            self._send(b"<!doctype html><p>Away", "text/html")
        else:
            self._send(self.server.page.encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.do_GET()

    def log_message(self, *args: object) -> None:
        """Print nothing."""

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Site:
    """An app that a user visits.

    Args:
        context: the user's browser.
        pages: the app's server.
        gateway: what its posthog-js sends to.
        loop: where the gateway runs.
    """

    def __init__(
        self, context: BrowserContext, pages: _Pages, gateway: ServedGateway, loop: BackgroundLoop
    ) -> None:
        self.context, self.gateway = context, gateway
        self._pages, self._loop = pages, loop
        self.page: Page = context.new_page()

    def publish(
        self,
        body: str,
        init: dict[str, Any] | None = None,
        script: str = "posthog.identify('u1')",
        library: Path = NEWEST,
    ) -> None:
        """Set the app's page.

        Args:
            body: its HTML.
            init: the options of ``posthog.init``, beside the documented ones.
            script: what follows ``posthog.init``.
            library: the posthog-js to load.
        """
        capture = f"{self.gateway.origin}{BASE}/capture"
        options = {"api_host": capture, "opt_out_useragent_filter": True, **(QUIET if init is None else init)}
        self._pages.library = library
        self._pages.page = (
            f"<!doctype html><meta charset=utf-8><script src=/posthog.js></script>{body}"
            f"<script>posthog.init('phc_x', {json.dumps(options)}); {script}</script>"
        )

    def open(self, path: str = "/") -> Page:
        """Load the app's page anew."""
        self.page.goto(f"http://localhost:{self._pages.server_port}{path}")
        return self.page

    def actions(self, count: int, kind: str = "click") -> list[SlimAction]:
        """Wait for a number of actions, and return them in the order of their times."""

        def arrived() -> list[SlimAction]:
            of_kind = (action for action in self.gateway.actions if action.type == kind)
            # Quick clicks are a rage click as well.
            found = [action for action in of_kind if action.title != "Rage click"]
            return sorted(found, key=lambda action: action.timestamp_start)

        self._loop.run(eventually(lambda: len(arrived()) >= count, what=f"{count} {kind}s"), PATIENCE_S + 5)
        return arrived()

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"never came: {what}"
            self.page.wait_for_timeout(20)

    def hints(self) -> str:
        """The hints of health, in one text."""
        return " ".join(self._loop.run(self.gateway.health("capture"), PATIENCE_S).get("hints", ()))


@pytest.fixture
def site(
    chromium: Browser, stand_in_loop: BackgroundLoop, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Site]]:
    """Open a site; its arguments are settings of the channel."""
    stack, opened = AsyncExitStack(), list[Site]()
    pages = _Pages()
    threading.Thread(target=pages.serve_forever, daemon=True).start()

    def make(**settings: Any) -> Site:
        served = served_gateway(allowed_origins=[f"http://localhost:{pages.server_port}"], **settings)
        gateway = stand_in_loop.run(stack.enter_async_context(served), PATIENCE_S)
        opened.append(Site(chromium.new_context(), pages, gateway, stand_in_loop))
        return opened[-1]

    yield make
    for each in opened:
        each.context.close()
    pages.shutdown()
    pages.server_close()
    stand_in_loop.run(stack.aclose(), PATIENCE_S)
