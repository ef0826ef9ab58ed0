"""A page of another origin than the Rasa server's: the app's own has all of it, a stranger's nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, Page, expect
from support.elsewhere import Elsewhere
from support.host_app import TOAST_MS, HostApp, give_time, new_user
from support.pair import Pair

#: Says of each thing that a page tries, how it ended.
_TRIES = """
async ([origin, base]) => {
  const json = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
  const status = (url, init) => fetch(url, init).then((a) => a.status, () => "refused");
  const opened = (thing, good) =>
    new Promise((done) => {
      thing[good] = () => done("open");
      thing.onerror = thing.onclose = () => done("refused");
    }).finally(() => thing.close());
  const polling = `${origin}/socket.io/?EIO=4&transport=polling`;
  return {
    health: await status(`${base}/`),
    withCookies: await status(`${base}/`, { credentials: "include" }),
    unknownRoute: await status(`${base}/no-such-route`),
    wrongMethod: await status(`${base}/proactive/ack`),
    preflighted: await status(`${base}/proactive/ack`, json),
    capture: await status(`${base}/capture/e/`, { method: "POST", body: '{"batch": []}' }),
    feed: await opened(new EventSource(`${base}/proactive/stream/cors-user`), "onopen"),
    polling: await status(polling),
    unknownSocket: await status(`${polling}&sid=unknown`),
    websocket: await opened(
      new WebSocket(`${origin.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`), "onmessage"
    ),
  };
}
"""
_LET_IN = {
    "health": 200,
    "withCookies": 200,
    "unknownRoute": 404,
    "wrongMethod": 405,
    "preflighted": 400,
    "capture": 200,
    "feed": "open",
    "polling": 200,
    "unknownSocket": 400,
    "websocket": "open",
}


@asynccontextmanager
async def page_at(browser: Browser, origin: str) -> AsyncIterator[Page]:
    """An empty page, in a browser of its own.

    Args:
        browser: shows it.
        origin: ``http://host:port`` of this machine; port 0 for any.
    """
    host, port = origin.removeprefix("http://").split(":")

    async def empty(_request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", empty)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, host, int(port)).start()
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(f"http://{host}:{runner.addresses[0][1]}/")
        yield page
    finally:
        await context.close()
        await runner.cleanup()


async def test_an_allowed_page_has_feed_chat_and_readable_errors(browser: Browser, either_pair: Pair) -> None:
    allowed = either_pair.project.channel["allowed_origins"][-1]
    async with page_at(browser, allowed) as page:
        assert await page.evaluate(_TRIES, [either_pair.origin, either_pair.base]) == _LET_IN


async def test_a_foreign_page_is_refused_everything(browser: Browser, either_pair: Pair) -> None:
    async with page_at(browser, "http://127.0.0.1:0") as page:
        ended = await page.evaluate(_TRIES, [either_pair.origin, either_pair.base])
        assert ended == dict.fromkeys(_LET_IN, "refused")


async def test_an_allowed_page_shows_the_toast_when_rasa_runs_with_cors(
    browser: Browser, cors_pair: Pair, pictures: Path
) -> None:
    context = await browser.new_context()
    await give_time(context)
    try:
        app = HostApp(await context.new_page(), cors_pair, new_user(), pictures)
        async with Elsewhere(cors_pair, str(app.user_id), as_module=False).served() as address:
            await app.page.goto(address)
            await app.page.wait_for_function("() => window.rasaAutoplay?.copilot && window.posthog?.__loaded")
            for _ in range(3):
                await app.page.locator("#save").click()
            await expect(app.toast).to_be_visible(timeout=TOAST_MS)
            await app.toast.get_by_role("button", name="Later").click()
            await app.receipt("snoozed")
    finally:
        await context.close()
