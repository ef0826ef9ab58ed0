"""A real browser before real servers: one of each for all stories, a context of its own for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from support.background import BackgroundLoop
from support.chromium import launched, require_browser, require_libraries
from support.host_app import LARGE, HostApp, Opener, give_time, new_user
from support.language_model import LanguageModelServer
from support.pair import Pair

_START_S = 120.0


@pytest.fixture(autouse=True)
def _as_written(background: BackgroundLoop, language_model: LanguageModelServer) -> None:
    """Async tests run on the background loop; the chat explains the steps as the golden path has them."""
    # Its answers are refused; an endpoint that fails again and again would be left alone for two minutes.
    language_model.mood = "inventing"


@pytest.fixture(scope="session")
def browser(background: BackgroundLoop) -> Iterator[Browser]:
    """The one browser."""
    require_libraries()
    session = launched(require_browser())
    yield background.run(session.__aenter__(), _START_S)
    background.run(session.__aexit__(None, None, None), _START_S)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where a story's screenshots go: pytest's own temporary folder."""
    return tmp_path


@pytest.fixture
def open_app(browser: Browser, pair: Pair, pictures: Path) -> Opener:
    """``async with open_app(user_id=…, viewport=…) as app``: a tab in a browser of its own.

    It is not on the page yet. Other arguments are those of Playwright's ``new_context``. At the end no script
    may have failed.
    """

    @asynccontextmanager
    async def opened(user_id: str | None = "", **options: Any) -> AsyncIterator[HostApp]:
        context = await browser.new_context(**{"viewport": LARGE, **options})
        await give_time(context)
        try:
            app = HostApp(await context.new_page(), pair, new_user() if user_id == "" else user_id, pictures)
            yield app
            assert app.errors == []
        finally:
            await context.close()

    return opened
