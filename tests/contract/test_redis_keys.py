"""Every key that servers leave in Redis expires or is bounded; and which permissions they need there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.processes import ROOT
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import an_engine, eventually, saves, shared_gateway, write_autoplay

from rasa_autoplay.link.requests import Acknowledge
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import PARTITIONS, RedisNames

NAMES = RedisNames("demo")
#: Keys that never expire: a hash of two fields, and one member per live engine.
STAY = {NAMES.run, NAMES.engines}
ANNS = [f"ann {number}" for number in range(30)]
BOBS = [f"bob {number}" for number in range(30)]


async def a_busy_minute(server: RedisServer, folder: Path, users: list[str]) -> None:
    """Create traffic of many users, toasts, receipts and requests; then stop all servers."""
    async with an_engine(write_autoplay(folder, server)), shared_gateway(server) as gateway:
        for user in users:
            gateway.browser(user)
            for event in saves(user, 3):
                gateway.link.send(event)
        await eventually(lambda: all(gateway.toasts(user) for user in users))
        for user in users:
            await gateway.link.ask(Acknowledge(gateway.toasts(user)[0], "dismissed", user))


@asynchronous
async def test_every_redis_key_expires_or_is_bounded(redis_server: RedisServer, tmp_path: Path) -> None:
    await a_busy_minute(redis_server, tmp_path, ANNS)
    await a_busy_minute(redis_server, tmp_path, BOBS)  # served by other engines and another gateway
    connection = RedisConnection(Secret(redis_server.url), "the test")
    try:
        client = connection.client
        keys = {key.decode() async for key in client.scan_iter(count=1000)}
        assert len([key for key in keys if ":session:" in key]) == len(ANNS + BOBS)
        for key in keys:
            assert key.startswith(NAMES.prefix), f"{key} is in nobody's name"
            assert key in STAY or await client.pttl(key) > 0, f"{key} stays for ever"
        streams = [key for key in keys if ":up:" in key]
        assert len(streams) == PARTITIONS
        for key in streams:
            assert await client.xlen(key) == 0, f"{key} keeps what was worked off"
            assert len(await client.xinfo_consumers(key, "engines")) <= 1, f"{key} remembers every engine"
        assert await client.hlen(NAMES.run) == 2
        assert await client.zcard(NAMES.engines) == 0
    finally:
        await connection.close()


@pytest.fixture
def rights() -> list[str]:
    """Return the permissions of the user in docs/scaling.md."""
    told = re.search(r"`(~autoplay:\*[^`]*)`", (ROOT / "docs" / "scaling.md").read_text("utf-8"))
    assert told
    return told[1].split()


@asynchronous
async def test_documented_redis_permissions_suffice(
    redis_server: RedisServer, tmp_path: Path, rights: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.command("ACL", "SETUSER", "copilot", "reset", "on", ">pw", *rights)
    try:
        limited = LimitedServer(redis_server)
        await a_busy_minute(limited, tmp_path, ANNS)
    finally:
        redis_server.command("ACL", "DELUSER", "copilot")
    assert "may not use" not in caplog.text


class LimitedServer(RedisServer):
    """The same server as a user with few permissions reaches it."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    @property
    def url(self) -> str:
        return f"redis://copilot:pw@127.0.0.1:{self._server.port}/0"
