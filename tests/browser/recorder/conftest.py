"""A real Chromium; the tests of elements share one tab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from support.chromium import ARGUMENTS, require_browser

from browser.recorder.elements_page import ElementsPage


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
