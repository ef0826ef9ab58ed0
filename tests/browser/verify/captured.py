"""Performs acts in a page, and reads what posthog-js captures of them."""

from __future__ import annotations

import json
import time
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page
from support.changing_app import Act
from support.processes import ROOT

from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.wire import decode_request

__all__ = ["POSTHOG", "CapturedPage", "perform"]

POSTHOG = ROOT / "example_bot" / "host_app" / "node_modules" / "posthog-js/dist/array.no-external.js"
#: No request leaves the page: every event is handed to the test instead.
_INIT = """
addEventListener("DOMContentLoaded", () => posthog.init("phc_x", {
  api_host: location.origin, advanced_disable_flags: true, disable_external_dependency_loading: true,
  disable_session_recording: true, disable_surveys: true, opt_out_useragent_filter: true,
  before_send: (event) => { captured(JSON.stringify(event)); return null; },
}));
"""


class CapturedPage:
    """A tab with posthog-js, on any page that it opens.

    Args:
        context: a browser profile of its own.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._events: list[dict[str, Any]] = []
        context.expose_function("captured", lambda event: self._events.append(json.loads(event)))
        context.add_init_script(path=POSTHOG)
        context.add_init_script(_INIT)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)

    def until_captured(self, count: int) -> None:
        """Wait until there are so many actions: an event reaches the test a moment after its act."""
        end = time.monotonic() + 10
        while len(self.actions()) < count and time.monotonic() < end:
            self.page.wait_for_timeout(20)

    def actions(self) -> list[tuple[str, str, str, str]]:
        """Type, title, element id and page of each action so far, without page views."""
        body = json.dumps({"api_key": "phc_x", "batch": self._events}).encode()
        request = decode_request(body, query={}, received_at=time.time(), content_type="application/json")
        payloads = CaptureReader("demo").read(request)
        actions = sorted(
            (action for payload in payloads for action in payload.actions), key=lambda it: it.timestamp_start
        )
        return [
            (it.type, it.title, it.element_id, "/" + it.canonical_url.split("/", 3)[3])
            for it in actions
            if it.type != "pageview"
        ]


def perform(page: Page, act: Act) -> None:
    """Do what a user does."""
    target = page.locator(act.target)
    if act.kind == "click":
        target.click()
    elif act.kind == "change":
        _change(target)


def _change(target: Locator) -> None:
    if target.evaluate("(it) => it.localName") == "select":
        target.select_option(index=1)
    else:
        target.fill("ada@example.com")
        target.blur()
