"""A real Chromium, and the stand-in that its pages come from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support.background import BackgroundLoop

from browser.unit.stand_in import LIBRARIES, StandIn

_CHROMIUM = "/usr/bin/chromium"
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

OpenPage = Callable[..., Page]


def _need(found: bool, what: str) -> None:
    if not found and os.environ.get("CI"):
        pytest.fail(what)
    elif not found:
        pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each has contexts of its own."""
    _need(os.path.exists(_CHROMIUM), f"there is no {_CHROMIUM}: install Debian's chromium")
    _need(LIBRARIES.is_dir(), "there are no browser libraries: run `make web`, which needs npm")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def loop() -> Iterator[BackgroundLoop]:
    """Where the stand-ins run."""
    background = BackgroundLoop()
    yield background
    background.close()


@pytest.fixture
def server(loop: BackgroundLoop) -> Iterator[StandIn]:
    """The stand-in for the Rasa server."""
    stand_in = StandIn(loop)
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
