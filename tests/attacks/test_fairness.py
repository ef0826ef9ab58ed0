"""A flood of events delays and evicts only what its own sender has sent."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from support.background import eventually
from support.deployment import DEADLINE_S, Deployment, deployed, signed
from support.run import asynchronous

#: Events per request; posthog-js never sends so many.
EVENTS = 1_000
REQUESTS = 40
#: So high that the rate limits never apply: the queue alone must be fair.
NO_LIMITS = {
    "user_per_minute": 1_000_000,
    "user_events_per_minute": 100_000_000,
    "user_sessions_per_minute": 1_000_000,
}


def flood(number: int) -> bytes:
    events = [
        {
            "event": "$pageview",
            "uuid": f"flood-{number}-{place}",
            "properties": {"$session_id": "ps-mallory", "$current_url": f"https://a.example/{place}"},
        }
        for place in range(EVENTS)
    ]
    return json.dumps({"batch": events}).encode()


async def send(made: Deployment, user: str, body: bytes) -> int:
    return (await made.request("POST", "/capture/e/", body, signed(user)))[0]


@asynchronous
async def test_a_flood_by_one_user_does_not_delay_another_users_toast(tmp_path: Path) -> None:
    async with deployed(tmp_path, rate_limits=NO_LIMITS) as made:
        stream = await made.listen("anna")
        # While the engine is unreachable, everything queues, and anna's events come last.
        await made.actions.kill()
        answers = Counter([await send(made, "mallory", flood(number)) for number in range(REQUESTS)])
        assert answers == {200: REQUESTS}
        assert set(await made.send_story("anna")) == {200}
        await made.actions.start()
        await stream.toast()
        worked_off = made.engine.health()["actions"]
        assert worked_off < EVENTS * REQUESTS / 2, "the engine has most of the flood still before it"

        async def all_taken() -> bool:
            return bool((await made.health())["link"]["queued"] == 0)

        await eventually(all_taken, within_s=DEADLINE_S, what="the flood is worked off, too")


@asynchronous
async def test_rate_limits_requests_that_create_thousands_of_sessions(tmp_path: Path) -> None:
    """Rate limits reject the flood, and no other user loses a session or waits."""
    async with deployed(tmp_path, "max_sessions: 500") as made:
        await made.send_story("anna")
        await made.send_story("ben")
        for number in range(24):
            events = [
                {
                    "event": "$pageview",
                    "uuid": f"{number}-{place}",
                    "properties": {
                        "$session_id": f"s-{number}-{place}",
                        "$current_url": "https://a.example/",
                    },
                }
                for place in range(5_000)
            ]
            assert await send(made, "mallory", json.dumps({"batch": events}).encode()) in (413, 503)
        assert (await made.health())["engine"]["sessions_evicted"] == 0
        for user in ("anna", "ben"):
            stream = await made.listen(user)
            await stream.toast()


@asynchronous
async def test_a_full_store_evicts_sessions_of_the_user_who_has_most(tmp_path: Path) -> None:
    def visit(user: str, session: str) -> bytes:
        properties: dict[str, Any] = {"$session_id": session, "$current_url": "https://a.example/"}
        event = {"event": "$pageview", "uuid": f"{user}-{session}", "properties": properties}
        return json.dumps({"batch": [event]}).encode()

    async with deployed(tmp_path, "max_sessions: 100", rate_limits=NO_LIMITS) as made:
        honest = [f"user-{number}" for number in range(50)]
        for user in honest:
            assert await send(made, user, visit(user, f"ps-{user}")) == 200
        for number in range(200):
            assert await send(made, "mallory", visit("mallory", f"s{number}")) == 200

        async def all_taken() -> bool:
            return bool((await made.health())["engine"]["actions"] == 250)

        await eventually(all_taken, within_s=DEADLINE_S, what="the engine has all of it")
        sessions = made.engine.sessions
        alive = [user for user in honest if await sessions.find(("demo", f"ps-{user}"))]
        assert alive == honest
        assert len(sessions) == 100
