"""``kill -9`` of a Rasa server with ``engine: in_process``, which ends gateway and engine at once."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest
from support.background import eventually
from support.deployment import DEADLINE_S, write_engine_file
from support.gateway_process import GatewayProcess
from support.gateway_senders import WEBHOOK_SECRET, GatewaySenders
from support.run import asynchronous

SECTION = {
    "product_id": "demo",
    "identity": "none",
    "capture": True,
    "webhook_secret": WEBHOOK_SECRET,
    "posthog_secret": WEBHOOK_SECRET,
    "engine": "in_process",
}


class RasaServer(GatewaySenders):
    """The one process."""

    def offers(self, folder: Path) -> list[str]:
        """Return the user of each offer that was ever made."""
        with closing(sqlite3.connect(folder / "autoplay.db")) as database:
            return sorted(user for (user,) in database.execute("select user_id from autoplay_offers"))

    async def has_received_all(self) -> None:
        """Wait until the engine has everything."""

        async def is_idle() -> bool:
            health = await self.health()
            return bool(health["journal"]["pending"] == 0 and health["link"]["queued"] == 0)

        await eventually(is_idle, within_s=DEADLINE_S, what="the engine has received everything")

    async def restart(self) -> None:
        """Kill the process, and start the next one."""
        self.process.process.kill()
        self.process.restart()
        await self.started()


@asynccontextmanager
async def rasa_server(folder: Path) -> AsyncIterator[RasaServer]:
    write_engine_file(folder)
    process = GatewayProcess(folder, "http://127.0.0.1:9", SECTION)
    try:
        async with aiohttp.ClientSession() as http:
            made = RasaServer(process, http)
            await made.started()
            yield made
    finally:
        process.process.kill()


@asynchronous
async def test_acknowledged_events_survive_and_each_counts_once(tmp_path: Path) -> None:
    async with rasa_server(tmp_path) as made:
        statuses = [*await made.capture("anna"), *await made.webhook("ben"), *await made.destination("clara")]
        assert set(statuses) == {200}
        await made.restart()
        users = ["anna", "ben", "clara"]
        await eventually(lambda: made.offers(tmp_path) == users, within_s=DEADLINE_S, what="their offers")
        # All is sent again to the next engine, which makes no second offers.
        await made.restart()
        await made.webhook("dora")
        await eventually(lambda: "dora" in made.offers(tmp_path), within_s=DEADLINE_S, what="Dora's offer")
        assert made.offers(tmp_path) == [*users, "dora"]
        await made.has_received_all()
        assert made.process.process.own_tracebacks() == []


@pytest.mark.slow
@asynchronous
async def test_live_sessions_survive(tmp_path: Path) -> None:
    """Two saves before the kill and one after it are three."""
    async with rasa_server(tmp_path) as made:
        assert set(await made.webhook("anna", [20, 10])) == {200}
        await made.has_received_all()
        await made.restart()
        assert await made.webhook("anna", [0]) == [200]
        await eventually(lambda: made.offers(tmp_path) == ["anna"], within_s=DEADLINE_S, what="the offer")
