"""A real Chromium, and the stand-in that the studio comes from.

Fixtures for the tests of a screen: ``answers`` is a dict from a path below ``/webhooks/autoplay/`` to its
JSON (or a ``Refused``, or a function of the query and the body); ``studio(route, **context_options)`` opens
a signed-in page on a route such as ``"#/now"``. A test fails if the page logs an error or violates its
policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.background import BackgroundLoop
from support.chromium import launched_in_step

from browser.studio.stand_in import StudioStandIn

_WITHIN_MS = 30_000
expect.set_options(timeout=_WITHIN_MS)


@pytest.fixture(scope="package")
def stand_in_loop() -> Iterator[BackgroundLoop]:
    """Where the stand-ins run."""
    background = BackgroundLoop()
    yield background
    background.close()


# As in browser/unit: the stand-ins' loop is closed after Playwright's.
@pytest.fixture(scope="package")
def chromium(stand_in_loop: BackgroundLoop) -> Iterator[Browser]:
    """One browser for all tests here; each page has a context of its own."""
    with launched_in_step() as browser:
        yield browser


@pytest.fixture
def server(stand_in_loop: BackgroundLoop) -> Iterator[StudioStandIn]:
    """The stand-in for the Rasa server."""
    stand_in = StudioStandIn(stand_in_loop)
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def answers(server: StudioStandIn) -> dict[str, Any]:
    """The canned answers, by path."""
    return server.answers


@pytest.fixture
def complaints() -> list[str]:
    """What any page has logged as an error; a test fails if something is left here."""
    return []


@pytest.fixture
def studio(chromium: Browser, server: StudioStandIn, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Open the studio on a route, with Playwright's options for a context."""
    contexts: list[BrowserContext] = []

    def listen(kind: str, text: str) -> None:
        # A browser reports each failed request, and here some are meant to fail.
        if kind == "error" and "Failed to load resource" not in text:
            complaints.append(text)

    def open_page(route: str = "", init: str = "", **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_WITHIN_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: listen(message.type, message.text))
        if init:
            page.add_init_script(init)
        page.goto(route if route == "about:blank" else f"{server.origin}/webhooks/autoplay/studio{route}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints
