"""Starts Chromium by Playwright, which is an optional dependency."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["launched"]

_INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_NO_PLAYWRIGHT = 'Install it: pip install "rasa-autoplay[verify]"'
_NO_BROWSER = "Install one: playwright install --with-deps chromium. Or name one: --browser /usr/bin/chromium"


@contextmanager
def launched(program: Path | None) -> Iterator[Browser]:
    """Start a browser without a window, and close it when the context ends.

    Args:
        program: the browser to start; None for Playwright's own, or else an installed one.

    Raises:
        AutoplayError: Playwright or a browser is missing, or the browser does not start.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise AutoplayError("Playwright is missing.", remedy=_NO_PLAYWRIGHT) from None
    with sync_playwright() as playwright:
        path = _program(program, Path(playwright.chromium.executable_path))
        try:
            browser = playwright.chromium.launch(executable_path=path)
        except Error as problem:
            reason = problem.message.splitlines()[0]
            raise AutoplayError(f"{path} does not start: {reason}", remedy=_NO_BROWSER) from None
        try:
            yield browser
        finally:
            browser.close()


def _program(named: Path | None, own: Path) -> str:
    if named is not None:
        if not named.is_file():
            raise AutoplayError(f"--browser: there is no file {named}.", remedy=_NO_BROWSER)
        return str(named)
    found = str(own) if own.is_file() else next(filter(None, map(shutil.which, _INSTALLED)), None)
    if found is None:
        raise AutoplayError("There is no Chromium.", remedy=_NO_BROWSER)
    return found
