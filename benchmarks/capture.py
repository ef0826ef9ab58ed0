"""What a capture request of ten events costs the Rasa server."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import time
from typing import Any

from benchmarks.browser import browser_connections
from benchmarks.deployment import Deployment, deployed
from benchmarks.figures import Figure
from benchmarks.story import STORY
from example_bot.recording import rebased

__all__ = ["measure"]

_REQUESTS = 2_000
_WARM_UP = 300
_EVENTS = 10
#: Concurrent requests: browsers do not wait for each other.
_UNDER_WAY = 8
_LONGEST_STALL_S = 30.0


async def measure() -> list[Figure]:
    """CPU time of the Rasa server for requests compressed like posthog-js."""
    async with deployed() as deployment:
        await _send(deployment, _requests("warm", _WARM_UP))
        idle = await _idle_cpu_s_per_s(deployment)
        bodies = _requests("measured", _REQUESTS)
        gateway_s, began_at = deployment.rasa.cpu_s(), time.monotonic()
        await _send(deployment, bodies)
        took_s = time.monotonic() - began_at
        gateway_s = deployment.rasa.cpu_s() - gateway_s - idle * took_s
        await _check(deployment)
    return [
        Figure(
            f"Rasa server: CPU a capture request of {_EVENTS} events", gateway_s / _REQUESTS * 1000, "ms", 1.5
        ),
        Figure("capture requests a second, at full speed", _REQUESTS / took_s, "/s"),
    ]


def _requests(name: str, count: int) -> list[bytes]:
    """Return bodies as a browser batches them: each in its user's own session, with every event unique."""
    now = time.time()
    story = [
        request for request in rebased(STORY, user_id="u", session_id="s", now=now) if request.is_capture
    ]
    recorded = itertools.cycle([event for request in story for event in _events(request.json())])
    return [
        _packed([next(recorded) for _ in range(_EVENTS)], f"{name}-{number}", now) for number in range(count)
    ]


def _events(content: Any) -> list[dict[str, Any]]:
    return list(content["batch"]) if isinstance(content, dict) and "batch" in content else [content]


def _packed(events: list[dict[str, Any]], name: str, now: float) -> bytes:
    own = [
        {
            **event,
            "uuid": f"{name}-{position}",
            "properties": {**event["properties"], "$session_id": f"s-{name}", "distinct_id": f"u-{name}"},
        }
        for position, event in enumerate(events)
    ]
    content = {"api_key": "phc_benchmark", "batch": own, "sent_at": now}
    return gzip.compress(json.dumps(content).encode())


async def _send(deployment: Deployment, bodies: list[bytes]) -> None:
    waiting = iter(bodies)
    async with browser_connections() as http:

        async def one_after_the_other() -> None:
            for body in waiting:
                url = f"{deployment.project.gateway_url}/capture/e/?compression=gzip-js"
                async with http.post(url, data=body, headers={"content-type": "text/plain"}) as answer:
                    assert answer.status == 200, await answer.text()

        await asyncio.gather(*(one_after_the_other() for _ in range(_UNDER_WAY)))
    # The events of the requests are sent to the engine; that is part of their cost.
    deadline = time.monotonic() + _LONGEST_STALL_S
    while (await deployment.health())["link"]["queued"]:
        assert time.monotonic() < deadline, "the engine does not take the events"
        await asyncio.sleep(0.05)


async def _idle_cpu_s_per_s(deployment: Deployment) -> float:
    lasts_s = 5.0
    before = deployment.rasa.cpu_s()
    await asyncio.sleep(lasts_s)
    return (deployment.rasa.cpu_s() - before) / lasts_s


async def _check(deployment: Deployment) -> None:
    health = (await deployment.health())["sources"]["capture"]
    events = (_REQUESTS + _WARM_UP) * _EVENTS
    assert health["accepted"] + health["ignored"] == events, health
    assert health["duplicate"] == health["malformed"] == health["dropped"] == 0, health
