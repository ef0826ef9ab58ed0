"""A real Chromium; the tests of elements share one tab, and those of the panel have a profile each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support.background import PATIENCE_S
from support.chromium import ARGUMENTS, require_browser

from browser.recorder.elements_page import ElementsPage
from browser.recorder.panel_app import APP
from browser.recorder.stand_in import RecorderStandIn


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of the recorder."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require_browser(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def elements(chromium: Browser) -> ElementsPage:
    """A tab that has the functions of ``static/elements/``."""
    return ElementsPage(chromium.new_page())


@pytest.fixture
def app() -> RecorderStandIn:
    """The app and the server."""
    return RecorderStandIn(pages={"/projects": APP, "/other": "<h1>Other</h1><button id=next>Next</button>"})


@pytest.fixture
def new_context(chromium: Browser, app: RecorderStandIn) -> Iterator[Callable[..., BrowserContext]]:
    """Make a browser profile that sees the app; a test fails if a page logs an error."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda it: complaints.append(it.text) if it.type == "error" else None)

    def make(**options: Any) -> BrowserContext:
        context = chromium.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        context.set_default_timeout(PATIENCE_S * 1000)
        context.on("page", listen)
        app.serve(context)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert [it for it in complaints if "Failed to load resource" not in it] == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A tab in which nothing is open yet."""
    return new_context().new_page()
