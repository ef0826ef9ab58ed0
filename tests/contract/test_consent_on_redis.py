"""A withdrawal in real processes on Redis: two gateways and an engine keep nothing of the user anywhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.background import eventually
from support.deployment import BASE, DEADLINE_S
from support.engine_process import engine_process
from support.gateway_process import GatewayProcess
from support.gateway_senders import WEBHOOK_SECRET, GatewaySenders
from support.offer_requests import SERVER_KEY
from support.redis_server import RedisServer, running_redis
from support.run import asynchronous
from support.shared_engines import write_autoplay

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ANNA, BEN = "anna-marker-7c1d", "ben-marker-51fe"


class Page:
    """One gateway, as a page of a user sees it."""

    def __init__(self, process: GatewayProcess, http: aiohttp.ClientSession) -> None:
        self.process, self._http = process, http
        self.senders = GatewaySenders(process, http)

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
        url = f"{self.process.origin}{BASE}{path}"
        async with self._http.post(url, json=body, headers=headers) as response:
            return response.status, dict(await response.json())

    async def say(self, user: str, is_given: bool) -> dict[str, Any]:
        status, answer = await self.post("/consent", {"user_id": user, "consent": is_given})
        assert status == 200, answer
        return answer

    async def health(self) -> dict[str, Any]:
        return await self.senders.health()

    async def knows(self, users: int) -> None:
        """Wait until this gateway knows the consent of so many users."""

        async def is_so() -> bool:
            return bool((await self.health())["consent"]["users_with_consent"] == users)

        await eventually(is_so, within_s=DEADLINE_S, what=f"{users} users with consent")

    async def feed(self, user: str, wanted: str) -> None:
        """Open a feed, and read until it has a text."""
        url = f"{self.process.origin}{BASE}/proactive/stream/{user}"
        async with self._http.get(url) as response:
            async for line in response.content:
                if wanted in line.decode():
                    return


@asynccontextmanager
async def two_gateways(folder: Path, server: RedisServer) -> AsyncIterator[tuple[Page, Page]]:
    file = write_autoplay(folder, server)
    text = file.path.read_text("utf-8")
    file.path.write_text(f"{text}recording: {{keep: 1d}}\ndatabase: {{url: 'sqlite:///autoplay.db'}}\n")
    section = {
        "product_id": "demo",
        "identity": "none",
        "capture": True,
        "consent": "required",
        "webhook_secret": WEBHOOK_SECRET,
        "server_key": SERVER_KEY,
        "shared": {"redis": server.url},
    }
    processes = [engine_process("engine", file)]
    pages = []
    try:
        async with aiohttp.ClientSession() as http:
            for name in ("one", "two"):
                (folder / name).mkdir()
                process = GatewayProcess(folder / name, "http://127.0.0.1:9", section)
                processes.append(process.process)
                pages.append(Page(process, http))
            for page in pages:
                await page.senders.started()

                async def is_whole(page: Page = page) -> bool:
                    return bool((await page.health())["engine"]["state"] == "running")

                await eventually(is_whole, within_s=DEADLINE_S, what="gateway and engine have met")
            yield pages[0], pages[1]
    finally:
        for started in processes:
            started.kill()


def places_with(folder: Path, server: RedisServer, marker: str) -> list[str]:
    """Where a text is found: in files of the database, the journals, or Redis."""
    assert b"OK" in server.command("SAVE")
    files = [each for each in folder.rglob("*") if each.is_file() and not each.name.endswith(".log")]
    files += server._folder.rglob("*.rdb")
    return [str(each) for each in files if marker.encode() in each.read_bytes()]


async def is_nowhere(folder: Path, server: RedisServer) -> None:
    """Wait until nothing of anna is left; the gateways' question about her passes through Redis, too."""
    await eventually(
        lambda: not places_with(folder, server, ANNA), within_s=DEADLINE_S, what="nothing of anna is left"
    )


@asynchronous
async def test_withdrawal_leaves_nothing_of_the_user(tmp_path: Path) -> None:
    with running_redis("rdbcompression no") as server:
        async with two_gateways(tmp_path, server) as (one, two):
            # Before any consent: neither gateway keeps anything.
            assert set(await one.senders.capture(ANNA)) == {200}
            assert set(await two.senders.webhook(ANNA)) == {200}

            async def is_refused() -> bool:
                return bool((await two.health())["consent"]["dropped"].get("no_consent", 0))

            await eventually(is_refused, within_s=DEADLINE_S, what="events of anna are dropped")
            await is_nowhere(tmp_path, server)

            # Given at one gateway, it counts at the other at once.
            await one.say(ANNA, True)
            await one.say(BEN, True)
            await two.knows(2)
            await two.senders.webhook(ANNA, (0.6, 0.3, 0))
            await two.senders.webhook(BEN, (0.6, 0.3, 0))
            await one.feed(ANNA, "offer_id")
            await one.feed(BEN, "offer_id")
            assert places_with(tmp_path, server, ANNA) != []

            # Withdrawn at one gateway, nothing is left anywhere, and the other user keeps everything.
            answer = await one.say(ANNA, False)
            assert answer["deleted"]["offers"] == 1
            await two.knows(1)
            await two.senders.webhook(ANNA, (0.6, 0.3, 0))

            await is_nowhere(tmp_path, server)
            told = json.dumps([await one.health(), await two.health()])
            assert ANNA not in told
            assert places_with(tmp_path, server, BEN) != []
        assert places_with(tmp_path, server, ANNA) == []
