"""Posts are sent again and again while engines are killed: no offer is made twice, none passes a gate."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.background import eventually
from support.deployment import Deployment, deployed
from support.offer_requests import AUTOPLAY, SERVER_KEY, WEBHOOK_SECRET, begin_session, post_offer
from support.processes import ROOT
from support.run import asynchronous
from support.serve_process import OwnProcess

logger = logging.getLogger(__name__)

_RULES = (
    AUTOPLAY.replace("GOLDEN_PATHS", json.dumps(str(ROOT / "example_bot" / "golden_paths")))
    .replace("min_interval: 0", "min_interval: 1h, per_user_per_day: 1")
    .replace("external: true}", "external: true, offer_ttl: 1h}")
)
#: Users, posts of each key, keys of each user, and kills.
_SHORT = (10, 5, 2, 1)
_LONG = (250, 20, 2, 5)


async def until_answered(made: Deployment, key: str, user: str, tally: dict[int, int]) -> tuple[int, Any]:
    """Send a post again, as a back end does, until it has an answer."""
    body = {"trigger": "suggestion", "user_id": user, "body": f"From {key}?"}
    while True:
        try:
            status, answer = await post_offer(made, key, body)
        except aiohttp.ClientError:
            status, answer = 0, None
        tally[status] += 1
        if status in (200, 201):
            return status, answer
        assert status in (0, 409, 503), (status, answer)
        await asyncio.sleep(0.2 + random.random() / 2)  # noqa: S311 - a pause, not a secret


@pytest.mark.parametrize(
    "size", [_SHORT, pytest.param(_LONG, marks=[pytest.mark.slow, pytest.mark.timeout(1_800)])]
)
@asynchronous
async def test_no_retried_post_makes_a_second_offer(tmp_path: Path, size: tuple[int, int, int, int]) -> None:
    users_count, posts, keys_count, kills = size
    users = [f"user-{number}" for number in range(users_count)]
    engine = OwnProcess(tmp_path)
    keys: dict[str, Any] = {"webhook_secret": WEBHOOK_SECRET, "server_key": SERVER_KEY}
    async with deployed(tmp_path, rules=_RULES, actions=engine, **keys) as made:
        streams = {user: await made.listen(user) for user in users}
        for user in users:
            await begin_session(made, user)

        async def all_are_live() -> bool:
            return bool((await made.health())["engine"].get("sessions") == len(users))

        await eventually(all_are_live, within_s=120, what="all sessions are live")
        tally: dict[int, int] = defaultdict(int)
        jobs = [(f"{user}-{number}", user) for user in users for number in range(keys_count)] * posts
        random.Random(1).shuffle(jobs)  # noqa: S311 - an order, not a secret
        answers: dict[str, list[tuple[int, Any]]] = defaultdict(list)
        waiting = iter(jobs)

        async def worker() -> None:
            for key, user in waiting:
                answers[key].append(await until_answered(made, key, user, tally))

        async def answered(count: int) -> None:
            await eventually(lambda: sum(map(len, answers.values())) >= count, within_s=600, what="answers")

        async def kill() -> None:
            for number in range(kills):
                await answered(len(jobs) * (number + 1) // (kills + 2))
                assert engine.process is not None
                engine.process.kill()
                await engine.start()

        await asyncio.gather(kill(), *(worker() for _ in range(40)))

        # Every post of a key has got the same answer, and each user one offer at most.
        different = {key: found for key, found in answers.items() if any(one != found[0] for one in found)}
        assert different == {}
        offered = [(key, found[0][1]["offer_id"]) for key, found in answers.items() if found[0][0] == 201]
        with closing(sqlite3.connect(tmp_path / "autoplay.db")) as database:
            stored = database.execute("SELECT user_id, offer_id FROM autoplay_offers").fetchall()
        assert sorted(offer for _, offer in stored) == sorted(offer for _, offer in offered)
        assert len({user for user, _ in stored}) == len(stored) == len(users)
        await eventually(lambda: all(each.toasts for each in streams.values()), what="everybody's toast")
        shown = {user: {toast["offer_id"] for toast in each.toasts} for user, each in streams.items()}
        assert {user: {offer} for user, offer in stored} == shown
        assert [user for user, each in streams.items() if len(each.toasts) > 1] == []
        counts = f"{len(jobs):,} posts, {len(stored)} offers, {kills} kills"
        logger.info("%s; answers by status: %s", counts, dict(tally))
