"""``kill -9`` of the gateway right after its 200: every acknowledged event still reaches the engine."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from support.background import eventually
from support.deployment import BASE, DEADLINE_S, LINK_SECRET, ActionServer, write_engine_file
from support.gateway_process import GatewayProcess
from support.run import asynchronous
from support.stories import batch, save, story_of_user

SECRET = "webhook-secret-word"
SECTION = {
    "product_id": "demo",
    "identity": "none",
    "capture": True,
    "webhook_secret": SECRET,
    "posthog_secret": SECRET,
    "link": {"secret": LINK_SECRET},
}


class Gateway:
    """The gateway's process, its senders, and an engine that may be unreachable."""

    def __init__(self, process: GatewayProcess, actions: ActionServer, http: aiohttp.ClientSession) -> None:
        self.process, self.actions, self._http = process, actions, http

    async def post(self, path: str, body: bytes, **headers: str) -> int:
        async with self._http.post(
            f"{self.process.origin}{BASE}{path}", data=body, headers=headers
        ) as response:
            return response.status

    async def health(self) -> dict[str, Any]:
        async with self._http.get(f"{self.process.origin}{BASE}/") as response:
            return dict(await response.json())

    async def is_up(self) -> bool:
        try:
            return bool(await self.health())
        except aiohttp.ClientError:
            return False

    async def started(self) -> None:
        await eventually(self.is_up, within_s=DEADLINE_S, what=self.process.process.log_tail())

    async def capture(self, user: str) -> list[int]:
        story = story_of_user(
            "edit_three_projects", user_id=user, session_id=f"ps-{user}", email="a@example.com"
        )
        return [
            await self.post(
                f"/capture{each.path}?{each.query}", each.body, **{"Content-Type": each.content_type}
            )
            for each in story
            if each.is_capture
        ]

    async def webhook(self, user: str) -> list[int]:
        now, answers = time.time(), []
        for ago in (20, 10, 0):
            told = batch(save(at=now - ago), session_id=f"ps-{user}", user_id=user, forwarded_at=now)
            body = json.dumps(told).encode()
            signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            answers.append(await self.post("/events", body, **{"X-Connector-Signature": signature}))
        return answers

    async def destination(self, user: str) -> list[int]:
        answers = []
        for ago in (20, 10, 0):
            row = {
                "uuid": f"{user}-{ago}",
                "event": "$autocapture",
                "timestamp": time.time() - ago,
                "event_type": "click",
                "session_id": f"ps-{user}",
                "current_url": "https://app.example.com/projects",
                "distinct_id": user,
                "elements_chain": 'button:text="Save changes"nth-child="1"',
                "is_identified": True,
            }
            answers.append(
                await self.post("/posthog", json.dumps(row).encode(), **{"x-posthog-secret": SECRET})
            )
        return answers

    async def has_offer(self, user: str) -> None:
        """Wait until the engine has made an offer of a user's events."""

        async def is_there() -> bool:
            return bool(await self.actions.engine._ledger.history("demo", user))

        await eventually(is_there, within_s=DEADLINE_S, what=f"an offer to {user}")

    async def offers(self, user: str) -> int:
        return len(await self.actions.engine._ledger.history("demo", user))


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
