"""A real Chromium, and the stand-in that its pages come from."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from support.background import BackgroundLoop
from support.chromium import launched_in_step, require_libraries

from browser.unit.stand_in import Asked, StandIn

# Only what never comes waits for so long; a busy machine is given the time.
_WITHIN_MS = 30_000
expect.set_options(timeout=_WITHIN_MS)

#: Has a page keep every text that its toast shows, also one that is replaced at once; see `shown`.
NOTE_CARDS = """(() => {
  window.noted = [];
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (how) {
    const root = attach.call(this, how);
    const note = () => {
      const text = root.querySelector(".card .text")?.firstChild?.textContent;
      if (text && text !== window.noted.at(-1)) window.noted.push(text);
    };
    new MutationObserver(note).observe(root, { subtree: true, childList: true, attributes: true });
    return root;
  };
})()"""


def shown(page: Page) -> list[str]:
    """What a page that was opened with `NOTE_CARDS` has shown since it was loaded."""
    texts: list[str] = page.evaluate("window.noted")
    return texts


def after_timers(page: Page, due_within_ms: int) -> None:
    """Let all timers of the page run that are due within that time: a page runs them in order."""
    page.evaluate("(ms) => new Promise((done) => setTimeout(done, ms))", due_within_ms)


@pytest.fixture(scope="package")
def stand_in_loop() -> Iterator[BackgroundLoop]:
    """Where the stand-ins run."""
    background = BackgroundLoop()
    yield background
    background.close()


# Until it ends, Playwright's synchronous form has an event loop run in this thread, where others cannot then.
# So the stand-ins' loop is closed after it.
@pytest.fixture(scope="package")
def chromium(stand_in_loop: BackgroundLoop) -> Iterator[Browser]:
    """One browser for all tests here; each has contexts of its own."""
    require_libraries()
    with launched_in_step() as browser:
        yield browser


@pytest.fixture
def server(stand_in_loop: BackgroundLoop) -> Iterator[StandIn]:
    """The stand-in for the Rasa server."""
    stand_in = StandIn(stand_in_loop)
    stand_in.start()
    yield stand_in
    stand_in.stop()


class Visitor:
    """A browser profile, and the tabs that it has open.

    Args:
        context: the profile.
        server: where the host app is.
    """

    def __init__(self, context: BrowserContext, server: StandIn) -> None:
        self.context = context
        self._server = server
        #: What any tab has complained about.
        self.complaints: list[str] = []
        self._under_way: set[Request] = set()
        context.on("request", lambda request: self._under_way.add(request))
        context.on("requestfinished", lambda request: self._under_way.discard(request))
        context.on("requestfailed", lambda request: self._under_way.discard(request))
        context.on("response", lambda response: self._begin_feed(response.request))

    def open(self, name: str = "host.html", user: str = "u1", init: str = "", **tag: Any) -> Page:
        """Open a tab.

        Args:
            name: the page.
            user: who is signed in.
            init: JavaScript that runs before anything else.
            tag: the script tag's data attributes.
        """
        page = self.context.new_page()
        page.set_default_timeout(_WITHIN_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._listen(message.type, message.text))
        page.on("close", self._forget)
        if init:
            page.add_init_script(init)
        # Nothing times out because a machine is busy: a test of a time says which one.
        tag = {"toast_seconds": 600, "anchor_seconds": 60, "chat_seconds": 60, **tag}
        attributes = {f"data-{key.replace('_', '-')}": _as_attribute(value) for key, value in tag.items()}
        query = urlencode({"tag": json.dumps({"data-user-id": user, **attributes})})
        page.goto(f"{self._server.origin}/{name}?{query}")
        return page

    def settled(self) -> Asked:
        """Wait until no tab has anything under way; returns what was asked of the server.

        The script posts a receipt once a lock of its name was given to it, and locks are given in the order
        in which they were asked for: whoever is given one now knows that none of before is still awaited.
        And Playwright tells of a request before it answers what the page was asked later.
        """
        end = time.monotonic() + _WITHIN_MS / 1000
        while True:
            was_quiet = not self._under_way
            for page in self.context.pages:
                page.evaluate("navigator.locks?.request(`${Math.random()}`, () => {})")
                page.evaluate("0")
            if was_quiet and not self._under_way:
                return self._server.asked()
            assert time.monotonic() < end, f"still under way: {[it.url for it in self._under_way]}"
            self.context.pages[0].wait_for_timeout(20)

    def stop_the_clock(self) -> None:
        """Have the tabs live by a clock that goes on by :meth:`pass_time` only; before any is opened."""
        now_s = time.time()
        self.context.clock.install(time=now_s)
        self.context.clock.pause_at(now_s + 1)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with all that is due in it."""
        self.context.clock.run_for(int(seconds * 1000))

    def _begin_feed(self, request: Request) -> None:
        # A feed goes on for as long as its tab: it is under way until it begins.
        if request.resource_type == "eventsource":
            self._under_way.discard(request)

    def _forget(self, page: Page) -> None:
        self._under_way = {request for request in self._under_way if request.frame.page != page}

    def _listen(self, kind: str, text: str) -> None:
        # A browser reports each failed request, and here some are meant to fail.
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)


def _as_attribute(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture
def new_visitor(chromium: Browser, server: StandIn) -> Iterator[Callable[..., Visitor]]:
    """Make a browser profile with Playwright's options for a context."""
    visitors: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        options.setdefault("viewport", {"width": 1000, "height": 700})
        visitors.append(Visitor(chromium.new_context(**options), server))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    assert not complaints


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    """A browser profile of a usual size."""
    return new_visitor()
