"""Engines killed under load: one, all, and all together with Redis. Nothing is lost or duplicated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from support.redis_server import RedisServer, running_redis
from support.run import asynchronous
from support.shared_engines import SharedGateway, engines, eventually, saves, shared_gateway, write_autoplay

#: Seconds between two reports of the load.
_PACE_S = 0.005


async def under_load(gateway: SharedGateway, users: list[str], strike: Callable[[], None]) -> None:
    """All users send the story at once, in turns; the kill comes in the middle."""
    stories = {user: saves(user, 3) for user in users}
    for user in users:
        gateway.browser(user)
    for number in range(3):
        for place, user in enumerate(users):
            if number == 2 and place == len(users) // 2:
                strike()
            gateway.link.send(stories[user][number])
            await asyncio.sleep(_PACE_S)


async def each_has_one_toast(gateway: SharedGateway, users: list[str], marker: str) -> None:
    """Await every user's toast, then one of a late user, so that any duplicate would have arrived."""
    await eventually(lambda: all(gateway.toasts(user) for user in users), within_s=60)
    gateway.browser(marker)
    for event in saves(marker, 3):
        gateway.link.send(event)
    await eventually(lambda: gateway.toasts(marker), within_s=60)
    told = {user: gateway.toasts(user) for user in users}
    assert {user: toasts for user, toasts in told.items() if len(toasts) != 1} == {}


@asynchronous
async def test_users_get_every_toast_when_one_then_all_engines_are_killed(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with shared_gateway(redis_server) as gateway:
        anns = [f"ann {number}" for number in range(80)]
        async with engines(file, gateway.link, "one", "two") as (one, two):
            await under_load(gateway, anns, one.kill)
            await each_has_one_toast(gateway, anns, "last ann")
            assert two.is_running
            assert two.own_tracebacks() == []

            bobs = [f"bob {number}" for number in range(80)]
            await under_load(gateway, bobs, two.kill)
        async with engines(file, gateway.link, "three") as (three,):
            await each_has_one_toast(gateway, bobs, "last bob")
            assert three.own_tracebacks() == []


@pytest.mark.slow
@asynchronous
async def test_users_get_every_toast_when_an_engine_and_a_durable_redis_are_killed(tmp_path: Path) -> None:
    users = [f"user {number}" for number in range(80)]
    with running_redis("appendonly yes", "appendfsync always") as server:
        file = write_autoplay(tmp_path, server)
        async with shared_gateway(server) as gateway:
            async with engines(file, gateway.link, "one") as (one,):

                def strike() -> None:
                    one.kill()
                    server.kill()

                await under_load(gateway, users, strike)
            server.start()
            async with engines(file, gateway.link, "two"):
                await each_has_one_toast(gateway, users, "last")
