"""How long a person waits in a real browser, from a click on the host app's page to its effect.

The page is the example's own, with posthog-js and rasa-webchat from npm (`make web`).
"""

from __future__ import annotations

import mimetypes
import os
import statistics
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, Route, async_playwright

from benchmarks.chromium import ARGUMENTS, chromium
from benchmarks.deployment import deployed
from benchmarks.figures import Figure, percentile
from benchmarks.machine import OtherWork
from benchmarks.project import ROOT
from rasa_autoplay.gateway.routes.demo_page import VENDOR_FILES

__all__ = ["measure"]

_RUNS = 30
#: With the chat window, and with rasa-webchat's own delays.
_CHAT_RUNS = 12
_WARM_UP_RUNS = 3
_HOST_APP = ROOT / "example_bot" / "host_app"
#: Records when a save and "Open chat" are clicked, and when their results are visible: in the frame that
#: shows them, on the page's own clock.
_WATCH = """
window.seen = {};
addEventListener("click", (event) => {
  const on = (selector) => event.composedPath().some((node) => node.matches?.(selector));
  if (on("#edit-save")) window.seen.saved = event.timeStamp;
  else if (on("rasa-autoplay")) window.seen.opened = event.timeStamp;
}, true);
const isSeen = (element) => element?.getClientRects().length > 0;
const card = () => document.querySelector("rasa-autoplay")?.shadowRoot.querySelector(".card");
const own = () => document.querySelector("rasa-autoplay-chat")?.shadowRoot.querySelectorAll(".row.bot") ?? [];
const bubbles = () =>
  [...document.querySelectorAll(".rw-conversation-container .rw-response"), ...own()].filter(isSeen).length;
const look = () => {
  const { seen } = window;
  const now = performance.now();
  if (!seen.toast && isSeen(card())) seen.toast = now;
  if (!seen.bubble && bubbles() > 0) seen.bubble = now;
  if (!seen.explained && bubbles() > 1) seen.explained = now;
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
_WEBCHAT_READY = "() => sessionStorage.chat_session && window.rasaAutoplay?.copilot"
_WINDOW_READY = "() => document.querySelector('rasa-autoplay-chat') && window.rasaAutoplay?.copilot"
_INJECT_MS = """() => {
  const calls = performance.getEntriesByType("resource");
  const call = calls.find(({ name }) => name.endsWith("/proactive/inject"));
  return call && call.responseEnd - call.startTime;
}"""


@dataclass(frozen=True)
class _Waits:
    """Milliseconds: click to toast, click to bubbles 1 and 2, and the server's response to the click."""

    toast: float
    bubble: float
    explained: float
    inject: float


async def measure() -> list[Figure]:
    """All waits, with each event sent at once, and with posthog-js' own batches; with both chats in turn."""
    if not (_HOST_APP / "node_modules" / ".complete").exists():
        raise RuntimeError("The page's browser libraries are missing: `make web` fetches them.")
    async with deployed() as deployment, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        page_url = f"{deployment.project.gateway_url}/demo/projects"
        for _ in range(_WARM_UP_RUNS):
            await _tell_story(browser, page_url)
            await _tell_story(browser, page_url, chat="window")
        watch = OtherWork([deployment.rasa.pid, deployment.actions.pid])
        at_once: list[_Waits] = []
        windows: list[_Waits] = []
        unpaced: list[_Waits] = []
        for run in range(_RUNS):
            at_once.append(await _tell_story(browser, page_url))
            if run < _CHAT_RUNS:
                windows.append(await _tell_story(browser, page_url, chat="window"))
                unpaced.append(await _tell_story(browser, page_url, chat="webchat with its own delays"))
        # Includes the browser's share, because the browser is not a child of the servers.
        others = watch.share_percent()
        batched = [await _tell_story(browser, page_url, batching=True) for _ in range(_RUNS)]
        await browser.close()
    return [
        *_figures("third save clicked → toast visible", [waits.toast for waits in at_once], below_p95=150),
        *_figures("the same with posthog-js' batches", [waits.toast for waits in batched]),
        *_figures("Open chat clicked → bubble 1 visible", [waits.bubble for waits in at_once]),
        *_figures("of it: the Rasa server's answer", [waits.inject for waits in at_once]),
        *_figures("Open chat clicked → bubble 2 visible", [waits.explained for waits in at_once]),
        *_figures("chat window: Open chat clicked → bubble 1 visible", [waits.bubble for waits in windows]),
        *_figures("chat window: … → bubble 2 visible", [waits.explained for waits in windows]),
        *_figures("rasa-webchat's own delays: … → bubble 1 visible", [waits.bubble for waits in unpaced]),
        *_figures("rasa-webchat's own delays: … → bubble 2 visible", [waits.explained for waits in unpaced]),
        Figure("in the browser: browser's and others' share of the CPU", others, "%"),
    ]


def _figures(name: str, ms: Sequence[float], below_p95: float | None = None) -> list[Figure]:
    return [
        Figure(f"{name}, p50", statistics.median(ms), "ms"),
        Figure(f"{name}, p95", percentile(ms, 0.95), "ms", below=below_p95),
    ]


async def _tell_story(browser: Browser, page_url: str, *, batching: bool = False, chat: str = "") -> _Waits:
    """A new browser profile and user: three edits, the toast, the chat."""
    has_window = chat == "window"

    async def answer(route: Route) -> None:
        await _answer(route, batching=batching, paced=not chat)

    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = await context.new_page()
        await page.add_init_script(_WATCH)
        await page.route("**/webhooks/autoplay/demo/**", answer)
        await page.goto(f"{page_url}?user=u-{uuid.uuid4().hex[:12]}{'&chat=window' if has_window else ''}")
        await page.wait_for_function(_WINDOW_READY if has_window else _WEBCHAT_READY)
        for project in ("P-1042", "P-1045", "P-1047"):
            await _edit(page, project)
        await page.wait_for_function("() => window.seen.toast", timeout=20_000)
        # Until the toast's animation has ended, and the user has read it.
        await page.wait_for_timeout(800)
        await page.locator("rasa-autoplay").get_by_role("button", name="Open chat").click()
        await page.wait_for_function("() => window.seen.explained", timeout=20_000)
        seen = await page.evaluate("() => window.seen")
        inject_ms = await (await page.wait_for_function(_INJECT_MS)).json_value()
    finally:
        await context.close()
    opened = seen["opened"]
    return _Waits(
        seen["toast"] - seen["saved"], seen["bubble"] - opened, seen["explained"] - opened, inject_ms
    )


async def _edit(page: Page, project: str) -> None:
    await page.locator(f'tr[data-project="{project}"] .cell-edit button').click()
    await page.locator("#edit-priority").select_option("Urgent")
    await page.locator("#edit-save").click()


async def _answer(route: Route, *, batching: bool, paced: bool) -> None:
    """Serve the page itself: these servers are measured without it."""
    path = route.request.url.partition("/demo/")[2].partition("?")[0]
    file = _file(path)
    body = file.read_bytes()
    if path == "js/analytics.js":
        soon = b"request_batching: false"
        assert soon in body
        body = body.replace(soon, b"request_batching: true") if batching else body
    if path == "js/help.js" and not paced:
        assert b"customMessageDelay" in body
        body = body.replace(b"customMessageDelay", b"unused")
    kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0]
    await route.fulfill(body=body, content_type=kind or "application/octet-stream")


def _file(path: str) -> Path:
    folder, _, name = path.rpartition("/")
    if folder == "vendor":
        return _HOST_APP / "node_modules" / VENDOR_FILES[name]
    return _HOST_APP / (path if os.path.splitext(path)[1] else "index.html")
