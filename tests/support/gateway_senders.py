"""The senders of a gateway in its own process: a browser, the connector and a PostHog destination."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any

import aiohttp

from support.background import eventually
from support.deployment import BASE, DEADLINE_S
from support.gateway_process import GatewayProcess
from support.stories import batch, save, story_of_user

__all__ = ["WEBHOOK_SECRET", "GatewaySenders"]

WEBHOOK_SECRET = "webhook-secret-word"


class GatewaySenders:
    """Sends events to a gateway.

    Args:
        process: the gateway.
        http: the client.
    """

    def __init__(self, process: GatewayProcess, http: aiohttp.ClientSession) -> None:
        self.process, self._http = process, http

    async def post(self, path: str, body: bytes, **headers: str) -> int:
        """Post a body; return the status."""
        async with self._http.post(
            f"{self.process.origin}{BASE}{path}", data=body, headers=headers
        ) as response:
            return response.status

    async def health(self) -> dict[str, Any]:
        """Return the gateway's health."""
        async with self._http.get(f"{self.process.origin}{BASE}/") as response:
            return dict(await response.json())

    async def is_up(self) -> bool:
        """Whether it answers."""
        try:
            return bool(await self.health())
        except aiohttp.ClientError:
            return False

    async def started(self) -> None:
        """Wait until it answers."""
        await eventually(self.is_up, within_s=DEADLINE_S, what=self.process.process.log_tail())

    async def capture(self, user: str) -> list[int]:
        """Send the story from the user's browser; return the statuses."""
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

    async def webhook(self, user: str, saved_ago_s: Sequence[float] = (20, 10, 0)) -> list[int]:
        """Send a save for each time as the connector does; return the statuses."""
        now, answers = time.time(), []
        for ago in saved_ago_s:
            told = batch(save(at=now - ago), session_id=f"ps-{user}", user_id=user, forwarded_at=now)
            body = json.dumps(told).encode()
            signature = "sha256=" + hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
            answers.append(await self.post("/events", body, **{"X-Connector-Signature": signature}))
        return answers

    async def destination(self, user: str) -> list[int]:
        """Send three saves as a PostHog destination does; return the statuses."""
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
                await self.post("/posthog", json.dumps(row).encode(), **{"x-posthog-secret": WEBHOOK_SECRET})
            )
        return answers
