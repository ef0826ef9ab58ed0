"""One build, one ``next start`` and one browser for all stories, with a new context for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from support.background import BackgroundLoop
from support.chromium import launched, require_browser
from support.host_app import LARGE, give_time, new_user
from support.language_model import LanguageModelServer
from support.next_app import NextApp, NextServer, build
from support.node import NEXTJS, require_packages
from support.pair import Pair

_START_S = 180.0

#: ``async with open_next(…) as app``: a tab in a new context, with Playwright's options for it.
OpenNext = Callable[..., AbstractAsyncContextManager[NextApp]]


@pytest.fixture(autouse=True)
def _as_written(background: BackgroundLoop, language_model: LanguageModelServer) -> None:
    """Run async tests on the background loop, with the model off: the chat shows the golden path's steps."""
    # Its answers are rejected; an endpoint that keeps failing would not be called for two minutes.
    language_model.mood = "inventing"


@pytest.fixture(scope="package")
def next_build() -> None:
    """Build the app as it is in the repository."""
    require_packages(NEXTJS)
    require_browser()
    build()


@pytest.fixture(scope="package")
def next_origin(
    next_build: None, background: BackgroundLoop, pair: Pair, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The origin of ``next start``."""
    serving = NextServer(pair, tmp_path_factory.mktemp("next")).serving()
    yield background.run(serving.__aenter__(), _START_S)
    background.run(serving.__aexit__(None, None, None), _START_S)


@pytest.fixture(scope="package")
def browser(background: BackgroundLoop) -> Iterator[Browser]:
    """The shared browser."""
    session = launched(require_browser())
    yield background.run(session.__aenter__(), _START_S)
    background.run(session.__aexit__(None, None, None), _START_S)


@pytest.fixture
def open_next(next_origin: str, browser: Browser, pair: Pair, tmp_path: Path) -> OpenNext:
    """Open a tab; at the end no script may have failed, and only the two servers may have been contacted."""

    @asynccontextmanager
    async def opened(**options: Any) -> AsyncIterator[NextApp]:
        context = await browser.new_context(**{"viewport": LARGE, **options})
        await give_time(context)
        try:
            app = NextApp(await context.new_page(), pair, new_user(), tmp_path, next_origin)
            yield app
            assert app.errors == []
        finally:
            await context.close()

    return opened
