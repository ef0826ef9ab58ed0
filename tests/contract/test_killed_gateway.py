"""``kill -9`` of the gateway right after its 200: every acknowledged event still reaches the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from support.background import eventually
from support.deployment import DEADLINE_S, LINK_SECRET, ActionServer, write_engine_file
from support.gateway_process import GatewayProcess
from support.gateway_senders import WEBHOOK_SECRET, GatewaySenders
from support.run import asynchronous

SECTION = {
    "product_id": "demo",
    "identity": "none",
    "capture": True,
    "webhook_secret": WEBHOOK_SECRET,
    "posthog_secret": WEBHOOK_SECRET,
    "link": {"secret": LINK_SECRET},
}


class Gateway(GatewaySenders):
    """The gateway's process, its senders, and an engine that may be unreachable."""

    def __init__(self, process: GatewayProcess, actions: ActionServer, http: aiohttp.ClientSession) -> None:
        super().__init__(process, http)
        self.actions = actions

    async def has_offer(self, user: str) -> None:
        """Wait until the engine has made an offer of a user's events."""

        async def is_there() -> bool:
            return bool(await self.actions.engine.stores.ledger.history("demo", user))

        await eventually(is_there, within_s=DEADLINE_S, what=f"an offer to {user}")

    async def offers(self, user: str) -> int:
        return len(await self.actions.engine.stores.ledger.history("demo", user))


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[Gateway]:
    """Run a gateway and its engine."""
    write_engine_file(folder)
    actions = ActionServer(folder, LINK_SECRET)
    await actions.start()
    process = GatewayProcess(folder, actions.origin, SECTION)
    try:
        async with aiohttp.ClientSession() as http:
            made = Gateway(process, actions, http)
            await made.started()
            yield made
    finally:
        process.process.kill()
        await actions.stop()


@asynchronous
async def test_acknowledged_events_survive_a_kill_of_both_processes(tmp_path: Path) -> None:
    async with gateway(tmp_path) as made:
        await made.actions.kill()
        answers = [
            *await made.capture("anna"),
            *await made.webhook("ben"),
            *await made.destination("clara"),
        ]
        made.process.process.kill()
        assert set(answers) == {200}
        assert list((tmp_path / "autoplay-journal").iterdir())

        await made.actions.start()
        made.process.restart()
        await made.started()
        for user in ("anna", "ben", "clara"):
            await made.has_offer(user)
        # A resent event counts once, even if the engine has it already.
        made.process.process.kill()
        made.process.restart()
        await made.started()
        await made.webhook("dora")
        await made.has_offer("dora")
        assert [await made.offers(user) for user in ("anna", "ben", "clara", "dora")] == [1, 1, 1, 1]

        async def is_clean() -> bool:
            journal = (await made.health())["journal"]
            return bool((journal["pending"], journal["bytes"]) == (0, 0))

        await eventually(is_clean, within_s=DEADLINE_S, what="what was taken is deleted")
        assert made.process.process.own_tracebacks() == []
