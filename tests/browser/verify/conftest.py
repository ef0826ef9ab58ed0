"""Chromium, and the changing app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from support.changing_app import served_changing_app
from support.chromium import ARGUMENTS, require_browser, require_libraries


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests here."""
    require_libraries()
    path = require_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def app() -> Iterator[str]:
    """Origin of the changing app."""
    with served_changing_app() as origin:
        yield origin
