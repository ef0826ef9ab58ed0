"""Gateways and engines on a real Redis server: who serves whom, and what happens when one ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import an_engine, eventually, killed, saves, shared_gateway, write_autoplay

from rasa_autoplay.engine.redis.engine import SharedEngine
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.answers import Acknowledged
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.redis.peer_messages import StreamEntry
from rasa_autoplay.link.redis.publish_events import STREAM_ENTRY
from rasa_autoplay.link.requests import Acknowledge, EndTour, GetHealth, PrepareInject, StartTour
from rasa_autoplay.storage.redis_keys import PARTITIONS, RedisNames, partition_of

USERS = [f"user {number}" for number in range(40)]
_NEW_STEP = "  - {id: new, title: New, text: Look at the table., done_when: {element_id: table}}\n"


def held(engine: SharedEngine) -> set[int]:
    return set(engine._link._adopted)


@asynchronous
async def test_three_saves_show_one_toast_with_working_buttons(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with an_engine(file), shared_gateway(redis_server) as gateway:
        gateway.browser("u1")
        for event in saves("u1", 3):
            gateway.link.send(event)
        await eventually(lambda: gateway.toasts("u1"))
        (offer_id,) = gateway.toasts("u1")
        # A receipt without a user finds its offer too.
        answer = await gateway.link.ask(Acknowledge(offer_id, "rendered"))
        assert answer == Acknowledged()
        question = await gateway.link.ask(PrepareInject("u1", "", offer_id))
        assert question.body == "Shall I show you how?"
        with pytest.raises(EngineRefused) as refusal:
            await gateway.link.ask(StartTour("u1", "none such"))
        assert refusal.value.kind == "not_found"


@asynchronous
async def test_two_engines_share_users_and_deliver_each_toast_once(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with an_engine(file) as one, an_engine(file) as two, shared_gateway(redis_server) as gateway:
        await eventually(lambda: len(held(one)) == len(held(two)) == PARTITIONS / 2)
        assert not held(one) & held(two)
        for user in USERS:
            gateway.browser(user)
            for event in saves(user, 3):
                gateway.link.send(event)
        await eventually(lambda: all(gateway.toasts(user) for user in USERS))
        assert all(len(gateway.toasts(user)) == 1 for user in USERS)
        health: dict[str, Any] = (await gateway.link.ask(GetHealth())).health
        assert set(health["engines"]) == {one.engine.engine_id, two.engine.engine_id}


@asynchronous
async def test_killing_an_engine_between_saves_neither_loses_nor_repeats_a_toast(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with an_engine(file) as two, shared_gateway(redis_server) as gateway:
        one = SharedEngine(file)
        await one.start()
        await eventually(lambda: len(held(one)) == len(held(two)) == PARTITIONS / 2)
        stories = {user: saves(user, 3) for user in USERS}
        for user in USERS:
            gateway.browser(user)
            for event in stories[user][:2]:
                gateway.link.send(event)
        await eventually(lambda: gateway.link.health()["queued"] == 0)
        await killed(one)
        for user in USERS:
            gateway.link.send(stories[user][2])
        await eventually(lambda: len(held(two)) == PARTITIONS)
        await eventually(lambda: all(gateway.toasts(user) for user in USERS))
        await one.engine.stop()
        assert all(len(gateway.toasts(user)) == 1 for user in USERS)


@asynchronous
async def test_engines_change_their_files_one_after_the_other(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    """Health says while they differ, sessions continue, and nobody gets an offer twice."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    files = [write_autoplay(folder, redis_server) for folder in folders]

    async def problem() -> str:
        health: dict[str, Any] = (await gateway.link.ask(GetHealth())).health
        return str((health.get("configuration") or {}).get("problem") or "")

    async with (
        an_engine(files[0]) as one,
        an_engine(files[1]) as two,
        shared_gateway(redis_server) as gateway,
    ):
        await eventually(lambda: len(held(one)) == len(held(two)) == PARTITIONS / 2)
        stories = {user: saves(user, 3) for user in USERS}
        for user in USERS:
            gateway.browser(user)
            for event in stories[user][:2]:
                gateway.link.send(event)
        await eventually(lambda: gateway.link.health()["queued"] == 0)
        assert not await problem()
        for folder, differ in zip(folders, (True, False), strict=True):
            text = (folder / "autoplay.yml").read_text("utf-8")
            (folder / "autoplay.yml").write_text(text.replace("Shall I show you how?", "New"), "utf-8")
            path = folder / "golden_paths" / "projects-bulk-edit.yml"
            path.write_text(path.read_text("utf-8").replace("\nsteps:\n", f"\nsteps:\n{_NEW_STEP}"), "utf-8")

            async def is_reported(expected: bool = differ) -> bool:
                return bool(await problem()) is expected

            await eventually(is_reported)
        for user in USERS:
            gateway.link.send(stories[user][2])
        await eventually(lambda: all(gateway.toasts(user) for user in USERS))
        assert all(len(gateway.toasts(user)) == 1 for user in USERS)
        assert all('"body":"New"' in frame.data for frame in gateway.frames if frame.event == "proactive")


@asynchronous
async def test_without_an_engine_requests_get_the_remedy_and_events_wait(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with shared_gateway(redis_server) as gateway:
        with pytest.raises(EngineUnreachable) as failure:
            await gateway.link.ask(GetHealth())
        assert "rasa run actions" in failure.value.remedy
        with pytest.raises(EngineUnreachable):
            await gateway.link.ask(EndTour("u1"), timeout_s=0.1)
        gateway.browser("u1")
        for event in saves("u1", 3):
            gateway.link.send(event)
        async with an_engine(file):
            await eventually(lambda: gateway.toasts("u1"))


@asynchronous
async def test_processes_messages_that_a_former_owner_has_read(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    names = RedisNames("demo")
    async with an_engine(file) as engine, shared_gateway(redis_server) as gateway:
        await eventually(lambda: len(held(engine)) == PARTITIONS)
        gateway.browser("u1")
        story = saves("u1", 3)
        for event in story[:2]:
            gateway.link.send(event)
        await eventually(lambda: engine.engine.health().get("batches") == 2)
        parcel = msgspec.json.encode(StreamEntry(gateway.link.gateway_id, [story[2]]))
        # Added and read in one step, as by an engine that was paused while reading.
        pipeline = engine._connection.client.pipeline(transaction=True)
        stream = names.up(partition_of("u1"))
        pipeline.xadd(stream, {STREAM_ENTRY: parcel})
        pipeline.xreadgroup("engines", "stranger", {stream: ">"})
        _, read = await pipeline.execute()
        # The gateway may have added a report of its feeds at the same moment.
        stolen = [entry[STREAM_ENTRY.encode()] for _, entry in read[0][1]]
        assert parcel in stolen
        await eventually(lambda: gateway.toasts("u1"))
        assert engine._link._entries.counts["claimed"] == len(stolen)


@asynchronous
async def test_recovers_when_redis_hangs_longer_than_a_lease(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with an_engine(file) as engine, shared_gateway(redis_server) as gateway:
        gateway.browser("u1")
        story = saves("u1", 3)
        for event in story[:2]:
            gateway.link.send(event)
        await eventually(lambda: engine.engine.health().get("batches") == 2)
        redis_server.pause()
        try:
            await eventually(lambda: not engine._leases.is_current)
            gateway.link.send(story[2])
        finally:
            redis_server.resume()
        await eventually(lambda: gateway.toasts("u1"))
        assert len(gateway.toasts("u1")) == 1


@asynchronous
async def test_recovers_when_redis_loses_its_data(tmp_path: Path, redis_server: RedisServer) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with an_engine(file) as engine, shared_gateway(redis_server) as gateway:
        gateway.browser("u1")
        story = saves("u1", 3)
        for event in story[:2]:
            gateway.link.send(event)
        await eventually(lambda: engine.engine.health().get("batches") == 2)
        redis_server.flush()
        gateway.link.send(story[2])
        await eventually(lambda: gateway.toasts("u1"))
        (offer_id,) = gateway.toasts("u1")
        answer = await gateway.link.ask(Acknowledge(offer_id, "rendered"))
        assert answer == Acknowledged()


@asynchronous
async def test_recovers_when_redis_is_unreachable_for_a_while(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with an_engine(file), shared_gateway(redis_server) as gateway:
        gateway.browser("u1")
        story = saves("u1", 3)
        for event in story[:2]:
            gateway.link.send(event)
        await eventually(
            lambda: gateway.link.health()["state"] == "connected" and not gateway.link.health()["queued"]
        )
        redis_server.kill()
        gateway.link.send(story[2])
        await eventually(lambda: "link.url" in gateway.link.health().get("remedy", ""))
        assert redis_server.password not in str(gateway.link.health())
        with pytest.raises(EngineUnreachable) as failure:
            await gateway.link.ask(EndTour("u1"))
        assert "link.url in credentials.yml" in failure.value.remedy
        redis_server.start()
        await eventually(lambda: gateway.toasts("u1"))
        await eventually(lambda: gateway.link.health()["state"] == "connected")
        assert len(gateway.toasts("u1")) == 1
