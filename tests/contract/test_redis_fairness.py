"""Over Redis too, a flood by one user delays only that user: the engine reads its streams in turns."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import an_engine, eventually, saves, shared_gateway, write_autoplay

from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.link.messages import Event
from rasa_autoplay.storage.redis_keys import partition_of

EVENTS, ACTIONS = 120, 400
#: Users who share a partition, and so a stream.
ANNA, MALLORY = "anna", next(f"m{n}" for n in range(1000) if partition_of(f"m{n}") == partition_of("anna"))


def flood(number: int) -> Event:
    """Return as many actions as a capture request can hold, in one session of its own."""
    actions = [
        SlimAction(
            f"Click {number} {place}", "", "https://a.example/x", type="click", timestamp_start=time.time()
        )
        for place in range(ACTIONS)
    ]
    return Event(
        ActionsPayload("demo", f"flood-{number}", MALLORY, None, actions), "capture", sender=f"user:{MALLORY}"
    )


@asynchronous
async def test_flood_by_one_user_delays_only_that_user(tmp_path: Path, redis_server: RedisServer) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with (
        an_engine(file) as engine,
        shared_gateway(redis_server) as gateway,
        shared_gateway(redis_server) as other,
    ):
        await eventually(lambda: engine._link._adopted)
        other.browser(ANNA)
        for number in range(EVENTS):
            gateway.link.send(flood(number))
        # The whole flood is in the stream before anna's first event.
        await eventually(lambda: not len(gateway.link._uplink))
        begun = time.monotonic()
        for event in saves(ANNA, 3):
            other.link.send(msgspec.structs.replace(event, sender=f"user:{ANNA}"))
        await eventually(lambda: other.toasts(ANNA))
        took_s = time.monotonic() - begun
        worked_off = engine.engine.health()["actions"]
        assert worked_off < EVENTS * ACTIONS * 3 / 4, (
            f"most of the flood came first; the toast took {took_s:.2f} s"
        )
        await eventually(lambda: engine.engine.health()["actions"] == EVENTS * ACTIONS + 3)
