"""The memory of 20,000 sessions of 50 actions, and their cost while idle."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.deployment import Deployment, deployed
from benchmarks.figures import Figure
from benchmarks.story import stream_batch

__all__ = ["measure"]

_SESSIONS = 20_000
_ACTIONS = 50
_BATCH = 10
_TEXTS = 250
_KINDS = ("pageview", "click", "click", "submit", "type")
#: Seconds before now at which a session's first action may lie, within the window's five minutes.
_AGE_S = 200.0
#: Batches in flight: the channel reads faster than the engine accepts, and its queue is bounded.
_UNDER_WAY = 2_000
_LONGEST_STALL_S = 60.0
_IDLE_S = 30.0


@dataclass(frozen=True)
class _Usage:
    """Resident bytes and CPU seconds of both processes."""

    engine_bytes: int
    gateway_bytes: int
    engine_cpu_s: float
    gateway_cpu_s: float

    @classmethod
    def of(cls, deployment: Deployment) -> _Usage:
        """Return the current usage."""
        actions, rasa = deployment.actions, deployment.rasa
        return cls(actions.rss_bytes(), rasa.rss_bytes(), actions.cpu_s(), rasa.cpu_s())


async def measure() -> list[Figure]:
    """Growth of both processes, and their CPU while idle, before and after."""
    async with deployed() as deployment:
        idle_before = await _idle(deployment)
        before = _Usage.of(deployment)
        began_at = time.monotonic()
        await _send_all(deployment)
        took_s = time.monotonic() - began_at
        after = _Usage.of(deployment)
        await asyncio.sleep(5)
        idle_after = await _idle(deployment)
        await _check(deployment)
    return [
        Figure(
            f"engine: memory a session of {_ACTIONS} actions",
            (after.engine_bytes - before.engine_bytes) / _SESSIONS / 1000,
            "KB",
            below=10,
        ),
        Figure("engine: growth altogether", (after.engine_bytes - before.engine_bytes) / 1e6, "MB"),
        Figure("Rasa server: growth altogether", (after.gateway_bytes - before.gateway_bytes) / 1e6, "MB"),
        Figure("actions a second, taken in at full speed", _SESSIONS * _ACTIONS / took_s, "/s"),
        *_idle_figures("no session", idle_before),
        *_idle_figures(f"{_SESSIONS:,} idle sessions", idle_after),
    ]


def _idle_figures(name: str, idle: tuple[float, float]) -> list[Figure]:
    return [
        Figure(f"engine: CPU in {_IDLE_S:g} s with {name}", idle[0], "s"),
        Figure(f"Rasa server: CPU in {_IDLE_S:g} s with {name}", idle[1], "s"),
    ]


async def _idle(deployment: Deployment) -> tuple[float, float]:
    before = _Usage.of(deployment)
    await asyncio.sleep(_IDLE_S)
    after = _Usage.of(deployment)
    return after.engine_cpu_s - before.engine_cpu_s, after.gateway_cpu_s - before.gateway_cpu_s


async def _check(deployment: Deployment) -> None:
    health = await deployment.health()
    assert health["engine"]["sessions"] == _SESSIONS, health
    assert health["engine"]["actions"] == _SESSIONS * _ACTIONS, health
    assert health["link"].get("dropped", 0) == 0, health


async def _send_all(deployment: Deployment) -> None:
    """Send every batch as fast as the engine accepts them, and wait until it has accepted all."""
    sent = taken = 0
    for batch in _batches():
        await deployment.feed_connector.send(batch)
        sent += 1
        if sent - taken >= _UNDER_WAY:
            taken = await _taken(deployment, sent - _UNDER_WAY // 2)
    await _taken(deployment, sent)


async def _taken(deployment: Deployment, at_least: int) -> int:
    """Wait until the engine has accepted that many batches; return how many it has."""
    deadline = time.monotonic() + _LONGEST_STALL_S
    while time.monotonic() < deadline:
        health = await deployment.health()
        taken = int(health["engine"].get("batches", 0))
        if taken >= at_least:
            return taken
        await asyncio.sleep(0.05)
    raise RuntimeError(f"The engine does not take in {at_least} batches: {health}")


def _batches() -> Iterator[dict[str, Any]]:
    """Return the batches of all sessions interleaved, as from people who are present together."""
    chance = random.Random(1)  # noqa: S311 - the same traffic in every run, nothing secret
    now = time.time()
    begun = [now - _AGE_S + chance.uniform(0, 40) for _ in range(_SESSIONS)]
    order = list(range(_SESSIONS))
    for first in range(0, _ACTIONS, _BATCH):
        chance.shuffle(order)
        for number in order:
            indices = range(first, first + _BATCH)
            user_id = f"user-{number:05}"
            yield stream_batch(user_id, [_action(user_id, i, begun[number], chance) for i in indices])


def _action(user_id: str, index: int, begun: float, chance: random.Random) -> dict[str, Any]:
    text, kind = chance.randrange(_TEXTS), _KINDS[index % len(_KINDS)]
    at = round(begun + 3 * index + chance.uniform(0, 2), 3)
    return {
        "index": index,
        "type": kind,
        "title": f"Click item {text} of the navigation",
        "description": f"User clicked item {text} of the navigation on the area {text} page",
        "timestamp_start": at,
        # Typing takes a while, the rest happens at once.
        "timestamp_end": at + 0.8 if kind == "type" else at,
        "raw_url": f"https://app.example.com/area-{text}/projects/{text}?tab=overview",
        "canonical_url": f"https://app.example.com/area-{text}/projects/:id",
        "session_id": f"ps_{user_id}",
        "user_id": user_id,
        "email": f"{user_id}@example.com",
    }
