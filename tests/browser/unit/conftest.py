"""A real Chromium, and the stand-in that its pages come from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from support.background import BackgroundLoop
from support.chromium import ARGUMENTS, require_browser, require_libraries

from browser.unit.stand_in import StandIn

# Only what never comes waits for so long; a busy machine is given the time.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="package")
def stand_in_loop() -> Iterator[BackgroundLoop]:
    """Where the stand-ins run."""
    background = BackgroundLoop()
    yield background
    background.close()


# Until it ends, Playwright's synchronous form has an event loop run in this thread, where others cannot then.
# So the stand-ins' loop is closed after it.
@pytest.fixture(scope="package")
def chromium(stand_in_loop: BackgroundLoop) -> Iterator[Browser]:
    """One browser for all tests here; each has contexts of its own."""
    require_libraries()
    path = require_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def server(stand_in_loop: BackgroundLoop) -> Iterator[StandIn]:
    """The stand-in for the Rasa server."""
    stand_in = StandIn(stand_in_loop)
    stand_in.start()
    yield stand_in
    stand_in.stop()


class Visitor:
    """A browser profile, and the tabs that it has open.

    Args:
        context: the profile.
        origin: where the host app is.
    """

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context = context
        self._origin = origin
        #: What any tab has complained about.
        self.complaints: list[str] = []

    def open(self, name: str = "host.html", user: str = "u1", init: str = "", **tag: Any) -> Page:
        """Open a tab.

        Args:
            name: the page.
            user: who is signed in.
            init: JavaScript that runs before anything else.
            tag: the script tag's data attributes.
        """
        page = self.context.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._listen(message.type, message.text))
        if init:
            page.add_init_script(init)
        attributes = {f"data-{key.replace('_', '-')}": _as_attribute(value) for key, value in tag.items()}
        query = urlencode({"tag": json.dumps({"data-user-id": user, **attributes})})
        page.goto(f"{self._origin}/{name}?{query}")
        return page

    def _listen(self, kind: str, text: str) -> None:
        # A browser reports each failed request, and here some are meant to fail.
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)


def _as_attribute(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture
def new_visitor(chromium: Browser, server: StandIn) -> Iterator[Callable[..., Visitor]]:
    """Make a browser profile with Playwright's options for a context."""
    visitors: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        options.setdefault("viewport", {"width": 1000, "height": 700})
        visitors.append(Visitor(chromium.new_context(**options), server.origin))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    assert not complaints


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    """A browser profile of a usual size."""
    return new_visitor()
