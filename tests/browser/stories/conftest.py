"""A real browser before real servers: one of each for all stories, a context of its own for each."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("support")

from playwright.async_api import Browser  # noqa: E402
from support.background import BackgroundLoop  # noqa: E402 - only now do its asserts explain themselves
from support.chromium import launched, require_browser, require_libraries  # noqa: E402
from support.elsewhere import allow_other_origin  # noqa: E402
from support.host_app import LARGE, HostApp, Opener, new_user  # noqa: E402
from support.hostile import add_hostile_texts  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.processes import ROOT  # noqa: E402
from support.workshop import Workshop  # noqa: E402

_TEST_S = 120.0
_START_S = 30.0


@pytest.hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an async test on the background loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    background = pyfuncitem.funcargs["background"]
    assert isinstance(background, BackgroundLoop)
    background.run(pyfuncitem.obj(**arguments), _TEST_S)
    return True


@pytest.fixture(scope="session", autouse=True)
def background() -> Iterator[BackgroundLoop]:
    """Where everything asynchronous runs."""
    loop = BackgroundLoop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    shop = Workshop(tmp_path_factory.mktemp("projects"), ROOT / "models" / "example_bot.tar.gz")
    yield shop
    for pair in shop.pairs:
        pair.kill()


@pytest.fixture(scope="session")
def pair(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """The pair that all stories share; who shares it uses users of their own."""
    project = workshop.project("browser")
    add_hostile_texts(project)
    allow_other_origin(project)
    with workshop.running(project, background) as shared:
        yield shared


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
        context.set_default_timeout(10_000)
        try:
            app = HostApp(await context.new_page(), pair, new_user() if user_id == "" else user_id, pictures)
            yield app
            assert app.errors == []
        finally:
            await context.close()

    return opened
