"""An attacker guesses the admin key, also from this machine, where a proxy may run."""

from __future__ import annotations

import asyncio
from pathlib import Path

from support.deployment import ADMIN_KEY, Deployment, deployed
from support.raw_http import ask_raw
from support.run import asynchronous

ROUTES = ["/explain/anna", "/offers/o1", "/users/demo/anna/memory", "/users/demo/anna/offers", "/tail"]
PROXIED = {"X-Forwarded-For": "203.0.113.9"}


async def statuses(made: Deployment, keys: list[str], headers: dict[str, str] | None = None) -> list[int]:
    """Send all guesses at once, and return the status of each."""
    asked = [
        ask_raw(
            made.origin,
            "GET",
            f"/webhooks/autoplay{ROUTES[number % len(ROUTES)]}",
            {"Authorization": f"Bearer {key}", **(headers or {})},
        )
        for number, key in enumerate(keys)
    ]
    answers = await asyncio.gather(*asked)
    assert all(answer.all("retry-after") for answer in answers if answer.status == 429)
    return [answer.status for answer in answers]


@asynchronous
async def test_throttles_wrong_keys_from_this_machine_too(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        guesses = [f"guess-{number}-of-the-key" for number in range(200)]
        found = await statuses(made, guesses)
        assert set(found) == {401, 429}
        # Ten at once, and one more per second.
        assert 10 <= found.count(401) <= 30
        assert (await statuses(made, [ADMIN_KEY])) == [429], "else guessing could go on"
        assert (await made.health())["rate_limited"]["by_admin_key"] == found.count(429) + 1
        await made.check_still_serves()


@asynchronous
async def test_wrong_keys_through_a_proxy_do_not_lock_out_local_programs(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        assert 429 in await statuses(made, ["wrong-key-of-a-stranger"] * 50, PROXIED)
        assert await statuses(made, [ADMIN_KEY] * 4) == [200, 404, 200, 200]
        assert await statuses(made, [ADMIN_KEY], PROXIED) == [429]


@asynchronous
async def test_the_right_key_is_never_throttled(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        assert set(await statuses(made, [ADMIN_KEY] * 4 * 20)) <= {200, 404}
