"""Chromium, and the changing app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from support.changing_app import served_changing_app
from support.chromium import launched_in_step, require_libraries


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests here."""
    require_libraries()
    with launched_in_step() as browser:
        yield browser


@pytest.fixture(scope="package")
def app() -> Iterator[str]:
    """Origin of the changing app."""
    with served_changing_app() as origin:
        yield origin
