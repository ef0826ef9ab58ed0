"""One story makes exactly one toast, however long one watches."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

from benchmarks.browser import Browser, browser_connections
from benchmarks.deployment import deployed
from benchmarks.figures import Figure
from benchmarks.story import browse, capture_story

__all__ = ["measure"]

_USERS = 12
_WATCHED_S = 112.0
#: The receipts that the users' browsers send, in turn.
_RECEIPTS = ((), ("rendered", "seen"), ("rendered", "seen", "timed_out"), ("rendered", "dismissed"))


async def measure() -> list[Figure]:
    """The fewest and the most toasts of any user's feed from the third save on."""
    async with deployed() as deployment, browser_connections() as http, AsyncExitStack() as stack:
        browsers = [Browser(http, deployment.project.gateway_url, f"watched-{n}") for n in range(_USERS)]
        for browser in browsers:
            await stack.enter_async_context(browser)
        await asyncio.gather(*map(_play, browsers, range(_USERS)))
        counts = [len(browser.toasts) for browser in browsers]
    what = f"toasts a story, watched for {_WATCHED_S:g} s"
    return [
        Figure(f"{what}, the fewest of {_USERS} users", min(counts), "", exactly=1),
        Figure(f"{what}, the most of {_USERS} users", max(counts), "", exactly=1),
    ]


async def _play(browser: Browser, number: int) -> None:
    await browse(browser, capture_story(browser.user_id, time.time() + 0.3 * number))
    saved_at = time.perf_counter()
    toast = await browser.toast(10)
    for event in _RECEIPTS[number % len(_RECEIPTS)]:
        await asyncio.sleep(1)
        await browser.tell(toast.offer, event)
    await asyncio.sleep(_WATCHED_S - (time.perf_counter() - saved_at))
