"""The connector's stream as a source: what it passes on, and its health."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.background import eventually
from support.connector import Connector
from support.run import asynchronous

from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.subscription import StreamSubscription

NOW = 1_700_000_000.0
TOKEN = "uk_live_do_not_show_me"


class Subscribed:
    """A connector, its subscription, the payloads, and a clock."""

    def __init__(self, token: str) -> None:
        self.now = NOW
        self.connector = Connector(TOKEN)
        self.taken: list[Payload] = []
        self.has_room = True
        self.source = StreamSubscription(self.connector.url, token, "demo", self._sink, lambda: self.now)

    def _sink(self, payload: Payload, _source: str) -> bool:
        if self.has_room:
            self.taken.append(payload)
        return self.has_room

    def count(self, name: str) -> int:
        return int(self.source.health().get(name, 0))

    async def counts(self, **expected: int) -> None:
        """Wait until health has these counts."""
        await eventually(
            lambda: {name: self.count(name) for name in expected} == expected, what=str(expected)
        )


@asynccontextmanager
async def subscribed(token: str = TOKEN) -> AsyncIterator[Subscribed]:
    made = Subscribed(token)
    await made.connector.start()
    try:
        await made.source.start()
        yield made
    finally:
        await made.source.stop()
        await made.connector.close()


def batch(number: int = 1, **fields: Any) -> dict[str, Any]:
    action = {"title": f"Click {number}", "timestamp_start": NOW + number}
    return {"type": "actions", "session_id": "s1", "forwarded_at": NOW, "actions": [action], **fields}


@asynchronous
async def test_health_counts_frames_by_outcome() -> None:
    async with subscribed() as made:
        made.connector.send(batch(1), batch(2), batch(1), {"type": "weather"}, batch(3, product_id="other"))
        made.connector.send_text("{")
        made.connector.send_text(json.dumps(batch(4, padding="x" * (2 << 20))))
        made.connector.send_heartbeat()
        made.connector.send(batch(5))
        await made.counts(accepted=3, duplicate=1, malformed=1, unknown=1, oversized=1, other_product=1)
        made.has_room = False
        made.connector.send(batch(6))
        await made.counts(dropped=1)
        health = made.source.health()
        assert (health["state"], health["last_event_at"]) == ("connected", NOW)
        assert len(made.taken) == 3
        assert TOKEN not in str(health)


@asynchronous
async def test_ignores_repeats_after_an_interruption() -> None:
    async with subscribed() as made:
        made.connector.send(batch(1), batch(2))
        await made.counts(accepted=2)
        made.connector.drop()
        made.connector.send(batch(1), batch(2), batch(3))
        await made.counts(accepted=3, duplicate=2)


@asynchronous
async def test_warns_about_a_long_silence_of_a_connected_stream() -> None:
    async with subscribed() as made:
        await eventually(lambda: made.source.health()["state"] == "connected", what="connected")
        made.now += 599
        assert "remedy" not in made.source.health()
        made.now += 1
        assert made.source.health()["remedy"] == (
            "connected, but no event for 10 min: is the destination enabled?"
        )
        made.connector.send(batch(1))
        await made.counts(accepted=1)
        assert "remedy" not in made.source.health()


@asynchronous
async def test_wrong_token_is_a_failure_with_a_remedy() -> None:
    async with subscribed(token="wrong") as made:
        await eventually(lambda: made.source.health()["state"] == "failed", what="failed")
        made.now += 1_000
        assert "token" in made.source.health()["remedy"]


def test_can_be_stopped_before_it_was_started() -> None:
    made = Subscribed(TOKEN)
    asyncio.run(made.source.stop())
    assert made.source.health()["state"] == "idle"


@pytest.mark.parametrize("kind", ["summary", "usertour_trigger"])
def test_passes_on_every_kind(kind: str) -> None:
    async def scenario() -> None:
        async with subscribed() as made:
            made.connector.send({"type": kind, "session_id": "s1", "summary": "…", "flow_id": "f"})
            await made.counts(accepted=1)

    asyncio.run(scenario())
