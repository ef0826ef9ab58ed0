"""How long an offer of a team's back end takes: from its post to the answer, and to the toast."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import aiohttp

from benchmarks.browser import Browser, browser_connections
from benchmarks.deployment import deployed
from benchmarks.figures import Figure, latency_figures
from benchmarks.project import Project
from benchmarks.story import capture_story

__all__ = ["measure"]

_USERS = 200
#: Posts begin in turn, after this many seconds each.
_PACE_S = 0.05
_SERVER_KEY = "benchmark-server-key"
_TRIGGER = (
    '  - {id: suggestion, external: true, body: "Shall I show you how?", golden_path: projects-bulk-edit}\n'
)


async def measure() -> list[Figure]:
    """Latencies of one post for each user, and of its retry."""
    async with (
        deployed(prepare=_take_offers) as deployment,
        browser_connections() as http,
        AsyncExitStack() as stack,
    ):
        url = deployment.project.gateway_url
        browsers = [Browser(http, url, f"offered-{number}") for number in range(_USERS)]
        for browser in browsers:
            await stack.enter_async_context(browser)
            await browser.send(capture_story(browser.user_id, time.time())[0])
        await asyncio.sleep(2)
        posts = [_Post(http, url, browser.user_id) for browser in browsers]
        await _in_turn([post.send for post in posts])
        toasts = [(await browser.toast(10)).at for browser in browsers]
        await _in_turn([post.send_again for post in posts])
        made = len({post.offer_id for post in posts})
        repeated = sum(len(browser.toasts) - 1 for browser in browsers)
    shown = [at - post.began_at for at, post in zip(toasts, posts, strict=True)]
    return [
        *latency_figures("offer posted → toast", shown, targets=False),
        *latency_figures("offer posted → answer", [post.took_s for post in posts], targets=False),
        *latency_figures("offer posted again → answer", [post.again_s for post in posts], targets=False),
        Figure(f"offers of {_USERS} posts, each sent twice", made, "", exactly=_USERS),
        Figure("toasts that came twice", repeated, "", exactly=0),
    ]


async def _in_turn(sends: list[Any]) -> None:
    sending = []
    for send in sends:
        sending.append(asyncio.create_task(send()))
        await asyncio.sleep(_PACE_S)
    await asyncio.gather(*sending)


class _Post:
    """One post, and its retry.

    Args:
        http: the client.
        gateway_url: the base of the channel's routes.
        user_id: the user who gets the offer.
    """

    def __init__(self, http: aiohttp.ClientSession, gateway_url: str, user_id: str) -> None:
        self._http, self._url, self._user_id = http, f"{gateway_url}/offers", user_id
        self.began_at = self.took_s = self.again_s = 0.0
        self.offer_id = ""

    async def send(self) -> None:
        self.began_at = time.perf_counter()
        self.offer_id = await self._send()
        self.took_s = time.perf_counter() - self.began_at

    async def send_again(self) -> None:
        began_at = time.perf_counter()
        if await self._send() != self.offer_id:
            raise RuntimeError("a retry got another answer")
        self.again_s = time.perf_counter() - began_at

    async def _send(self) -> str:
        headers = {"Authorization": f"Bearer {_SERVER_KEY}", "Idempotency-Key": self._user_id}
        content = {"trigger": "suggestion", "user_id": self._user_id}
        async with self._http.post(self._url, json=content, headers=headers) as response:
            answer = await response.json()
            if response.status != 201:
                raise RuntimeError(f"the post was not answered with an offer: {response.status} {answer}")
            return str(answer["offer_id"])


def _take_offers(project: Project) -> None:
    autoplay, credentials = project.folder / "autoplay.yml", project.folder / "credentials.yml"
    rules = autoplay.read_text("utf-8").replace("golden_paths:", f"{_TRIGGER}golden_paths:", 1)
    autoplay.write_text(rules, "utf-8")
    keys = credentials.read_text("utf-8").replace(
        "  identity:", f"  server_key: {_SERVER_KEY}\n  identity:", 1
    )
    credentials.write_text(keys, "utf-8")
