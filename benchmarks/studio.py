"""How fast the studio is there, how fast it draws a long session, and what looking at it costs."""

from __future__ import annotations

import asyncio
import gzip
import random
import statistics
import time
from datetime import datetime, timezone
from typing import Any

import aiohttp
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from benchmarks.chromium import ARGUMENTS, chromium
from benchmarks.deployment import Deployment, deployed
from benchmarks.figures import Figure
from benchmarks.machine import OtherWork
from benchmarks.project import ADMIN_KEY, PRODUCT_ID, Project
from example_bot.demo.configuration import copy_configuration
from example_bot.demo.day.deeds import click, open_page
from example_bot.demo.day.events import event_of
from example_bot.demo.day.people import MadeUpUser, made_up_users
from example_bot.demo.day.traffic import Visit
from rasa_autoplay.gateway.routes.studio import studio_contents

__all__ = ["measure"]

_RUNS = 10
_ACTIONS = 1_000
_BATCH = 50
_APP = "http://127.0.0.1/app"
_LIVE_SESSIONS = 180
_WATCHED_S = 60.0
_WITHIN_MS = 60_000
_RECORDED_WITHIN_S = 30.0
_AUTHORIZED = {"Authorization": f"Bearer {ADMIN_KEY}"}

#: Records the first frame that shows the timeline's actions.
_WATCH = """
const look = () => {
  const isDrawn = document.querySelector("path.tick")?.getAttribute("d");
  if (isDrawn && !window.drawnAt) window.drawnAt = performance.now();
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
#: From the arrival of the timeline's data to the frame that shows it.
_DRAWN_MS = """() => {
  const isTimeline = ({ name }) => name.includes("/recordings/") && name.includes("session=");
  const call = performance.getEntriesByType("resource").find(isTimeline);
  return window.drawnAt && call && window.drawnAt - call.responseEnd;
}"""
_FIRST_PAINT_MS = '() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime'


async def measure() -> list[Figure]:
    """First paint and a long session in a real browser; CPU of both processes with and without the page."""
    async with (
        deployed(prepare=_use_the_demos_file) as deployment,
        async_playwright() as playwright,
        aiohttp.ClientSession() as http,
    ):
        studio = _Studio(deployment, http)
        await studio.record_sessions()
        idle = await _cpu_percent(deployment)
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        watch = OtherWork([deployment.rasa.pid, deployment.actions.pid])
        paints = [await studio.first_paint_ms(browser) for _ in range(_RUNS)]
        context, page = await studio.signed_in(browser)
        drawn = [await studio.drawn_ms(context) for _ in range(_RUNS)]
        others = watch.share_percent()
        await page.bring_to_front()
        looked_at = await _cpu_percent(deployment)
        await browser.close()
    long = f"studio: session of {_ACTIONS:,} actions drawn"
    scripts = [
        content
        for name, content in studio_contents().items()
        if name.endswith(".js") and not name.startswith("product/")
    ]
    together = len(gzip.compress(b"".join(scripts), 9))
    one_by_one = sum(len(gzip.compress(script, 9)) for script in scripts)
    return [
        Figure("studio: first paint in a fresh browser, p50", statistics.median(paints), "ms", below=1_000),
        Figure("studio: first paint in a fresh browser, max", max(paints), "ms"),
        Figure(
            f"studio: session of {_ACTIONS:,} actions drawn, p50", statistics.median(drawn), "ms", below=200
        ),
        Figure(f"{long}, max", max(drawn), "ms"),
        Figure("studio: all scripts together, gzip", together / 1024, "KB", below=60),
        Figure("studio: all scripts, compressed one by one", one_by_one / 1024, "KB"),
        Figure("engine: CPU while nobody looks", idle[0], "%"),
        Figure("engine: CPU while somebody looks at Now", looked_at[0], "%", below=1),
        Figure("Rasa server: CPU while nobody looks", idle[1], "%"),
        Figure("Rasa server: CPU while somebody looks at Now", looked_at[1], "%"),
        Figure("studio: browser's and others' share of the CPU", others, "%"),
    ]


def _use_the_demos_file(project: Project) -> None:
    (project.folder / "autoplay.yml").unlink()
    copy_configuration(project.folder)


async def _cpu_percent(deployment: Deployment) -> tuple[float, float]:
    """Return the CPU of engine and Rasa server over a minute, in percent of one core."""
    # What the page or the start still does must not be measured.
    await asyncio.sleep(2)
    engine_s, rasa_s = deployment.actions.cpu_s(), deployment.rasa.cpu_s()
    await asyncio.sleep(_WATCHED_S)
    engine_s, rasa_s = deployment.actions.cpu_s() - engine_s, deployment.rasa.cpu_s() - rasa_s
    return engine_s / _WATCHED_S * 100, rasa_s / _WATCHED_S * 100


class _Studio:
    """The studio of a deployment.

    Args:
        deployment: the running bot.
        http: sends events.
    """

    def __init__(self, deployment: Deployment, http: aiohttp.ClientSession) -> None:
        self._url = deployment.project.gateway_url
        self._http = http
        users = made_up_users(_LIVE_SESSIONS)
        self._long = self._visit(users[0])
        self._others = [self._visit(user) for user in users[1:]]

    def _visit(self, user: MadeUpUser) -> Visit:
        return Visit(user, f"session-of-{user.user_id}", 0.0, [], random.Random(user.user_id))  # noqa: S311

    async def record_sessions(self) -> None:
        """Send a long session and many short ones, and wait until the long one is recorded."""
        for visit in self._others:
            await self._send(visit, 5, 60.0)
        await self._send(self._long, _ACTIONS, 1_500.0)
        user_id = self._long.user.user_id
        url = f"{self._url}/recordings/{PRODUCT_ID}/{user_id}"
        deadline = time.monotonic() + _RECORDED_WITHIN_S
        while True:
            async with self._http.get(url, headers=_AUTHORIZED) as response:
                found = await response.json()
            sessions = found.get("sessions", [])
            if sessions and sessions[0]["actions"] >= _ACTIONS:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"The long session was not recorded: {found}")
            await asyncio.sleep(0.2)

    async def _send(self, visit: Visit, actions: int, lasts_s: float) -> None:
        began_at = time.time() - lasts_s
        events = [
            self._event(visit, number, began_at + lasts_s * number / actions) for number in range(actions)
        ]
        for first in range(0, actions, _BATCH):
            sent_at = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
            body = {"api_key": "phc_benchmark", "batch": events[first : first + _BATCH], "sent_at": sent_at}
            async with self._http.post(f"{self._url}/capture/e/", json=body) as response:
                response.raise_for_status()

    def _event(self, visit: Visit, number: int, at: float) -> dict[str, Any]:
        if number % 10 == 0:
            visit.page = "dashboard" if number % 20 else "projects"
            return event_of(open_page(visit.page), visit, _APP, at)
        return event_of(click(f"Row {number % 7}"), visit, _APP, at)

    async def signed_in(self, browser: Browser) -> tuple[BrowserContext, Page]:
        """Open the studio in a fresh browser by a single-use link."""
        async with self._http.post(f"{self._url}/studio/ticket", json={}, headers=_AUTHORIZED) as response:
            ticket = (await response.json())["ticket"]
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(_WITHIN_MS)
        page = await context.new_page()
        await page.goto(f"{self._url}/studio#ticket={ticket}")
        await page.locator("main h1").wait_for()
        return context, page

    async def first_paint_ms(self, browser: Browser) -> float:
        """Return the time from the navigation to the first content, with nothing cached."""
        context, page = await self.signed_in(browser)
        paint = await (await page.wait_for_function(_FIRST_PAINT_MS)).json_value()
        await context.close()
        return float(paint)

    async def drawn_ms(self, context: BrowserContext) -> float:
        """Return the time from the arrival of the long session's data to the frame that shows it."""
        page = await context.new_page()
        await page.add_init_script(_WATCH)
        visit = self._long
        await page.goto(f"{self._url}/studio#/session/{visit.session_id}?user={visit.user.user_id}")
        took = await (await page.wait_for_function(_DRAWN_MS)).json_value()
        await page.close()
        return float(took)
