"""How large the browser's scripts are, and how long the first toast of a page waits for them."""

from __future__ import annotations

import asyncio
import gzip
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, async_playwright

from benchmarks.chromium import ARGUMENTS, chromium
from benchmarks.figures import Figure
from rasa_autoplay.gateway.routes import browser_script

__all__ = ["measure"]

_RUNS = 15
_BASE = "/webhooks/autoplay"
#: One way to the server and back, as on a slow line.
_ROUND_TRIP_MS = 100
_TEXTS = Path(browser_script.__file__).parents[1] / "static" / "texts"
_SCRIPTS: Mapping[str, Callable[[], str]] = {
    "autoplay.js": browser_script.as_classic_script,
    "offers.mjs": browser_script.as_offer_module,
    "toast.mjs": browser_script.as_toast_module,
    "tours.mjs": browser_script.as_tour_module,
    "chat.mjs": browser_script.as_chat_module,
    "rasa-widget.mjs": browser_script.as_rasa_widget_module,
    "posthog_consent.mjs": browser_script.as_consent_module,
}
_PAGE = """<!doctype html><html lang="LANGUAGE"><head><title>Projects</title>
<script src="/webhooks/autoplay/autoplay.js" data-user-id="u1"></script>
</head><body><h1>Projects</h1><button id="here">Options</button></body></html>"""
#: Notes when the page receives the offer, and when the card has its text and buttons.
_WATCH = """
const listen = EventSource.prototype.addEventListener;
EventSource.prototype.addEventListener = function (name, act) {
  return listen.call(this, name, (event) => {
    if (name === "proactive") window.receivedAt = performance.now();
    act(event);
  });
};
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (how) {
  const root = attach.call(this, how);
  const look = () => root.querySelector(".card .quiet") && (window.shownAt ??= performance.now());
  new MutationObserver(look).observe(root, { subtree: true, childList: true });
  return root;
};
"""


async def measure() -> list[Figure]:
    """The sizes; then a page's first toast, with a tour, at 100 ms for each request."""
    sizes = [
        Figure(f"{name}, gzip", len(gzip.compress(text().encode())), "B") for name, text in _SCRIPTS.items()
    ]
    texts = [len(gzip.compress(file.read_bytes())) for file in _TEXTS.glob("*.json")]
    runner = web.AppRunner(_app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
            origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
            languages = ("en", "de") * _RUNS
            waits = [(language, await _first_toast_ms(browser, origin, language)) for language in languages]
            await browser.close()
    finally:
        await runner.cleanup()
    return [
        *sizes,
        Figure("texts of the largest language, gzip", max(texts), "B"),
        *(
            Figure(f"first toast of a page in {name}: offer received → shown, p50", _median(waits, tag), "ms")
            for name, tag in (("English", "en"), ("German", "de"))
        ),
    ]


def _median(waits: list[tuple[str, float]], language: str) -> float:
    return statistics.median(wait for each, wait in waits if each == language)


def _app() -> web.Application:
    app = web.Application()
    for name, text in _SCRIPTS.items():
        app.router.add_get(f"{_BASE}/{name}", _serving(text()))
    app.router.add_static(f"{_BASE}/texts", _TEXTS)
    app.router.add_get(f"{_BASE}/proactive/stream/{{user_id}}", _feed)
    app.router.add_post(f"{_BASE}/{{path:.*}}", _accept)
    app.router.add_get("/{language}", _page)
    return app


def _serving(text: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="text/javascript")

    return serve


async def _page(request: web.Request) -> web.Response:
    page = _PAGE.replace("LANGUAGE", request.match_info["language"])
    return web.Response(text=page, content_type="text/html")


async def _accept(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _feed(request: web.Request) -> web.StreamResponse:
    """Send one offer, when the page has been idle for a moment."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await asyncio.sleep(0.5)
    steps = [{"id": "here", "element": "#here", "title": "Open options", "text": "Click here."}]
    offer = {
        "offer_id": "o1",
        "trigger_id": "t1",
        "body": "Shall I show you how?",
        "expires_at": time.time() + 60,
        "tours": [{"id": "p1", "label": "Show me", "provider": "driverjs", "steps": steps}],
    }
    await response.write(f"event: proactive\nid: o1\ndata: {json.dumps(offer)}\n\n".encode())
    await asyncio.sleep(60)
    return response


async def _first_toast_ms(browser: Browser, origin: str, language: str) -> float:
    """Return the time from the offer to its card, with nothing cached."""
    context = await browser.new_context(locale="en-US")
    page = await context.new_page()
    await page.add_init_script(_WATCH)
    network = await context.new_cdp_session(page)
    await network.send("Network.enable")
    slow = {"offline": False, "latency": _ROUND_TRIP_MS, "downloadThroughput": -1, "uploadThroughput": -1}
    await network.send("Network.emulateNetworkConditions", slow)
    await page.goto(f"{origin}/{language}")
    await page.wait_for_function("window.shownAt")
    took = await page.evaluate("window.shownAt - window.receivedAt")
    await context.close()
    return float(took)
