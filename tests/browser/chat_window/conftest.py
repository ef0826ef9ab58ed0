"""A real Chromium, and the chat server that its pages come from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from support.background import PATIENCE_S, BackgroundLoop
from support.chromium import launched_in_step

from browser.chat_window.stand_in import ChatServer

expect.set_options(timeout=PATIENCE_S * 1000)


class ChatTab:
    """A tab with the chat window.

    Args:
        page: the browser's page.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.host = page.locator("rasa-autoplay-chat")
        self.launcher = self.host.locator(".launcher")
        self.window = self.host.get_by_role("region", name="Assistant")
        self.log = self.host.get_by_role("log")
        self.input = self.host.locator("textarea")
        self.bot = self.host.locator(".row.bot")
        self.own = self.host.locator(".row.user")
        self.notes = self.host.locator(".note:not(:empty)")
        self.typing = self.host.locator(".typing")

    def open(self) -> None:
        """Open the window with the mouse."""
        self.launcher.click()
        expect(self.window).to_be_visible()

    def write(self, text: str) -> None:
        """Write a message and send it with Enter."""
        self.input.fill(text)
        self.input.press("Enter")

    def violations(self) -> list[str]:
        """What the page's Content-Security-Policy has refused."""
        found: list[str] = self.page.evaluate("window.violations")
        return found


class ChatVisitor:
    """A browser profile.

    Args:
        context: the profile.
        server: where the host app is.
    """

    def __init__(self, context: BrowserContext, server: ChatServer) -> None:
        self.context = context
        self._server = server
        context.set_default_timeout(PATIENCE_S * 1000)
        #: Errors of the pages' scripts.
        self.errors: list[str] = []
        context.on("weberror", lambda it: self.errors.append(str(it.error)))

    def visit(self, user: str = "u1", **options: Any) -> ChatTab:
        """Open a tab of the host app.

        Args:
            user: who is signed in.
            options: those of ``createChatWindow``.
        """
        tab = ChatTab(self.context.new_page())
        query = urlencode({"user": user, "options": json.dumps(options)})
        tab.page.goto(f"{self._server.origin}/host.html?{query}")
        expect(tab.host).to_have_count(1)
        return tab


@pytest.fixture(scope="package")
def server_loop() -> Iterator[BackgroundLoop]:
    """Where the servers run."""
    background = BackgroundLoop()
    yield background
    background.close()


@pytest.fixture(scope="package")
def chromium(server_loop: BackgroundLoop) -> Iterator[Browser]:
    """One browser for all tests here; each has contexts of its own."""
    with launched_in_step() as browser:
        yield browser


@pytest.fixture
def server(server_loop: BackgroundLoop) -> Iterator[ChatServer]:
    """The chat server."""
    server = ChatServer(server_loop)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def new_visitor(chromium: Browser, server: ChatServer) -> Iterator[Callable[..., ChatVisitor]]:
    """Make a profile with Playwright's options for a context; at the end, no script may have failed."""
    visitors: list[ChatVisitor] = []

    def make(**options: Any) -> ChatVisitor:
        options.setdefault("viewport", {"width": 1000, "height": 700})
        visitors.append(ChatVisitor(chromium.new_context(**options), server))
        return visitors[-1]

    yield make
    errors = [error for visitor in visitors for error in visitor.errors]
    for visitor in visitors:
        visitor.context.close()
    assert errors == []


@pytest.fixture
def tab(new_visitor: Callable[..., ChatVisitor]) -> ChatTab:
    """A tab of a usual size with the chat window closed."""
    return new_visitor().visit()


def texts_of(messages: Locator) -> list[str]:
    """The texts of messages, without the names of their authors, which only screen readers read."""
    bubbles: list[str] = messages.locator(".bubble").all_inner_texts()
    return bubbles
