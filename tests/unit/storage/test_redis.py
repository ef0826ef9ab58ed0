"""Messages about a Redis server that cannot be used, which never contain the password."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support.redis_server import RedisServer, running_redis
from support.run import asynchronous

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.redis_url import redis_url
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection, reason_of

PLACE = "store.url in autoplay.yml"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[RedisConnection]:
    connection = RedisConnection(redis_url(url), PLACE)
    try:
        yield connection
    finally:
        await connection.close()


async def refusal(connection: RedisConnection, *command: str) -> str:
    """Return the message about a command that the server rejects."""
    with pytest.raises(REDIS_FAILURES) as refused:
        await connection.client.execute_command(*command)
    return reason_of(refused.value)


@asynchronous
async def test_usable_server_has_no_problem(redis_server: RedisServer) -> None:
    async with connected(redis_server.url) as connection:
        assert await connection.check()
        assert connection.health() == {"state": "connected"}
        assert await connection.client.set("a", "b")


@asynchronous
async def test_reports_a_wrong_password_without_showing_it(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(redis_server.url_with("hunter2")) as connection:
        assert not await connection.check()
        assert connection.health() == {
            "state": "failed",
            "remedy": f"Redis refuses the user or the password: check {PLACE}",
        }
        assert "hunter2" not in f"{caplog.text} {connection!r} {vars(connection)}"
    assert "Redis refuses the user or the password. Check store.url" in caplog.text


@asynchronous
async def test_reports_a_server_that_evicts_keys_with_a_remedy(redis_server: RedisServer) -> None:
    async with connected(redis_server.url) as connection:
        before = await connection.client.config_get("maxmemory*")
        try:
            await connection.client.config_set("maxmemory-policy", "allkeys-lru")
            assert await connection.check()
            assert connection.health() == {"state": "connected"}, "without a bound nothing is evicted"
            await connection.client.config_set("maxmemory", "100mb")
            assert await connection.check()
            health = connection.health()
            assert health["state"] == "connected"
            assert "maxmemory-policy allkeys-lru" in health["remedy"]
            assert "noeviction" in health["remedy"]
        finally:
            for name in ("maxmemory", "maxmemory-policy"):
                await connection.client.config_set(name, before[name])


@asynchronous
async def test_reports_a_missing_password(redis_server: RedisServer) -> None:
    async with connected(f"redis://127.0.0.1:{redis_server.port}") as connection:
        assert not await connection.check()
        assert connection.problem == "Redis refuses the user or the password"


@asynchronous
async def test_logs_each_loss_and_return_of_the_server_once(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rasa_autoplay.storage.redis")
    async with connected(redis_server.url) as connection:
        assert await connection.check()
        redis_server.kill()
        assert [await connection.check() for _ in range(3)] == [False] * 3
        assert connection.problem == "Redis cannot be reached"
        redis_server.start()
        assert await connection.check()
        assert connection.problem == ""
    assert [record.message for record in caplog.records] == [
        f"Redis cannot be reached. Check {PLACE}.",
        "Redis works again.",
    ]


@asynchronous
async def test_times_out_when_the_server_hangs(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rasa_autoplay.storage.redis._ANSWER_TIMEOUT_S", 0.2)
    async with connected(redis_server.url) as connection:
        assert await connection.check()
        redis_server.pause()
        try:
            assert not await connection.check()
        finally:
            redis_server.resume()
        assert connection.problem == "Redis does not answer in time"
        assert await connection.check()


@asynchronous
async def test_describes_what_the_server_rejects(redis_server: RedisServer) -> None:
    async with connected(redis_server.url) as connection:
        await connection.client.hset("a hash", "field", "value")
        assert await refusal(connection, "ZADD", "a hash", "1", "x") == (
            "a key of the copilot in Redis has another type"
        )
        assert await refusal(connection, "NONSENSE") == "Redis refuses a command (ResponseError)"
    async with connected(redis_server.url.removesuffix("/0") + "/4000") as connection:
        assert not await connection.check()
        assert connection.problem == "Redis has no database with this number"


@asynchronous
async def test_omits_values_of_a_failed_pipeline_from_the_reason(redis_server: RedisServer) -> None:
    async with connected(redis_server.url) as connection:
        pipeline = connection.client.pipeline(transaction=True)
        pipeline.set("a", "1")
        pipeline.zadd("a", {"OOM is what they typed": 1})
        with pytest.raises(REDIS_FAILURES) as refused:
            await pipeline.execute()
    assert "what they typed" in str(refused.value)
    assert reason_of(refused.value) == "a key of the copilot in Redis has another type"


@asynchronous
async def test_reports_a_full_server() -> None:
    with running_redis("maxmemory 100kb", "maxmemory-policy noeviction") as server:
        async with connected(server.url) as connection:
            assert await connection.check()
            assert await refusal(connection, "SET", "a", "b") == "Redis's memory is full (maxmemory)"


@asynchronous
async def test_rejects_a_replica(redis_server: RedisServer) -> None:
    with running_redis(f"replicaof 127.0.0.1 {redis_server.port}") as replica:
        async with connected(replica.url) as connection:
            assert not await connection.check()
            assert connection.problem == "this Redis is a read-only replica"
            assert await refusal(connection, "SET", "a", "b") == "this Redis is a read-only replica"


@asynchronous
async def test_rejects_a_server_that_is_too_old() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        texts = {
            b"hello": b"%1\r\n+proto\r\n:3\r\n",  # newer clients ask for the third protocol first
            b"client": b"+OK\r\n",
            b"ping": b"+PONG\r\n",
            b"info": b"$22\r\nredis_version:6.0.16\r\n\r\n",
        }
        while line := await reader.readline():
            writer.write(texts.get(line.strip().lower(), b""))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, connected(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}") as connection:
        assert not await connection.check()
        assert connection.problem == "this Redis is version 6.0.16, and 6.2 or newer is needed"


@asynchronous
async def test_rejects_an_unknown_client_option() -> None:
    with pytest.raises(ConfigError, match=r"store\.url") as refused:
        RedisConnection(Secret("redis://:hunter2@127.0.0.1:1/0?socket_timeout=soon"), PLACE)
    assert "hunter2" not in str(refused.value)
