"""A request with thousands of events holds up nobody else."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from support.deployment import deployed, signed
from support.run import asynchronous

GENEROUS = {"user_events_per_minute": 1_000_000, "user_sessions_per_minute": 1_000_000}
EVENTS = 4_000
#: CPU time for which one request may keep others waiting; a body of 4 MB is decoded in one piece.
_LONGEST_S = 0.15


def hostile_request() -> bytes:
    """Titles that cost a mask the most: nearly e-mail addresses, over and over, each of them new."""

    def event(number: int) -> dict[str, Any]:
        text = f"{number} " + "a.b-c_d+e@" * 80
        return {
            "uuid": f"e{number}",
            "event": "$autocapture",
            "distinct_id": "mallory",
            "timestamp": time.time(),
            "properties": {
                "$session_id": "ps-mallory",
                "$is_identified": True,
                "$event_type": "click",
                "$current_url": f"https://app.example.com/a%25401/{number}",
                "$elements": [{"tag_name": "button", "$el_text": text}],
            },
        }

    return json.dumps({"batch": [event(number) for number in range(EVENTS)]}).encode()


class Loop:
    """Measures how long the event loop worked at a stretch, in CPU time, which no neighbour disturbs."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest_s = max(self.longest_s, now - before)
            before = now


@asynchronous
async def test_a_large_request_gives_way_to_others(tmp_path: Path) -> None:
    body = hostile_request()
    async with deployed(tmp_path, rate_limits=GENEROUS) as made:
        loop = Loop()
        watching = asyncio.get_running_loop().create_task(loop.watch())
        headers = {"Content-Type": "application/json", **signed("mallory")}
        status, _ = await made.request("POST", "/capture/e/", body, headers)
        watching.cancel()
        assert status == 200
        assert (await made.health())["sources"]["capture"]["accepted"] == EVENTS
        assert loop.longest_s < _LONGEST_S
        await made.goes_on()
