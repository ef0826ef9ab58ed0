"""Debian's Chromium, driven by Playwright, for browser tests and benchmarks."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from playwright.async_api import Browser, async_playwright
from playwright.sync_api import Browser as SyncBrowser
from playwright.sync_api import Page as SyncPage
from playwright.sync_api import sync_playwright

from support.background import PATIENCE_S
from support.missing import miss
from support.processes import ROOT

__all__ = [
    "ARGUMENTS",
    "chromium_path",
    "launched",
    "launched_in_step",
    "require_browser",
    "require_libraries",
    "require_library",
    "until_true",
]

#: No request to the vendor; a container needs neither sandbox nor GPU.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_LIBRARIES = ROOT / "example_bot" / "host_app" / "node_modules"


def chromium_path() -> str | None:
    """Return the browser's path, or None if it is not installed."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def require_browser() -> str:
    """Return the browser's path; without a browser, fail in CI and skip elsewhere."""
    path = chromium_path()
    if path is None:
        miss("There is no Chromium here: install the package chromium.")
    assert path is not None
    return path


def require_libraries() -> None:
    """Require the host app's npm libraries; without them, fail in CI and skip elsewhere."""
    if not (_LIBRARIES / ".complete").exists():
        miss("The host app's browser libraries are missing: `make web` fetches them, with npm.")


def require_library(name: str) -> None:
    """Require one library file, which an earlier ``make web`` may not have fetched."""
    if not (_LIBRARIES / name).is_file():
        miss(f"The browser library {name} is missing: `make web` fetches it, with npm.")


@contextmanager
def launched_in_step() -> Iterator[SyncBrowser]:
    """Launch the browser for tests that drive it step by step, without an event loop of their own."""
    path = require_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def until_true(page: SyncPage, expression: str) -> None:
    """Wait until an expression is true in a page, whatever the page's policy.

    If an expression is not true at once, Playwright's ``wait_for_function`` evaluates a string in the page,
    which a strict Content-Security-Policy refuses.

    Args:
        page: the page.
        expression: in JavaScript, or a function without parameters.
    """
    end = time.monotonic() + PATIENCE_S
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"not true within {PATIENCE_S:g} s: {expression}"
        page.wait_for_timeout(30)


@asynccontextmanager
async def launched(path: str) -> AsyncIterator[Browser]:
    """Start a browser, and close it when the context ends.

    Args:
        path: the path from :func:`require_browser`.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()
