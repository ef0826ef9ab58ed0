"""Debian's Chromium, driven by Playwright: what the tests and the benchmarks in a real browser share."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

from support.processes import ROOT

__all__ = [
    "ARGUMENTS",
    "chromium_path",
    "launched",
    "miss",
    "require_browser",
    "require_libraries",
    "require_library",
]

#: Nothing phones home, and a container's sandbox and GPU are not needed.
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
    """Where the browser is; None where there is none."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def require_browser() -> str:
    """The browser's path; without one the test fails in CI, and is skipped elsewhere."""
    path = chromium_path()
    if path is None:
        miss("There is no Chromium here: install the package chromium.")
    assert path is not None
    return path


def require_libraries() -> None:
    """The host app's libraries from npm; without them the test fails in CI, and is skipped elsewhere."""
    if not (_LIBRARIES / ".complete").exists():
        miss("The host app's browser libraries are missing: `make web` fetches them, with npm.")


def require_library(name: str) -> None:
    """One file of them, which an earlier ``make web`` may not have fetched."""
    if not (_LIBRARIES / name).is_file():
        miss(f"The browser library {name} is missing: `make web` fetches it, with npm.")


def miss(message: str) -> None:
    """Something is not installed: the test fails in CI, and is skipped elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(f"{message} In CI nothing is skipped.", pytrace=False)
    pytest.skip(message)


@asynccontextmanager
async def launched(path: str) -> AsyncIterator[Browser]:
    """A browser, for as long as the context lasts.

    Args:
        path: see :func:`require_browser`.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()
