"""Two engines on Redis: any of them answers the studio, pauses hold on both, and both report elements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import an_engine, eventually, shared_gateway, write_autoplay

from rasa_autoplay.engine.redis.engine import SharedEngine
from rasa_autoplay.gateway.studio.element_health import with_element_health
from rasa_autoplay.link.requests import GetHealth, ReportTourProblem
from rasa_autoplay.link.studio_requests import ChangePause, FindGoldenPath, FindTrigger
from rasa_autoplay.storage.redis_keys import PARTITIONS, partition_of

TRIGGER, PATH, STEP = "bulk_edit_opportunity", "projects-bulk-edit", "options"


def is_paused(engine: SharedEngine) -> bool:
    return engine.engine._live.pause_of(TRIGGER) is not None


def user_of(engine: SharedEngine) -> str:
    """A user whom this engine serves."""
    return next(u for u in (f"u{i}" for i in range(500)) if partition_of(u) in engine._link._adopted)


@asynchronous
async def test_studio_reads_and_pauses_two_engines(tmp_path: Path, redis_server: RedisServer) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with shared_gateway(redis_server) as gateway, an_engine(file) as one, an_engine(file) as two:
        both = (one, two)
        await eventually(lambda: all(len(e._link._adopted) == PARTITIONS / 2 for e in both))
        link = gateway.link
        assert (await link.ask(ChangePause("pause", TRIGGER, "Ann", "wrong words"))).has_changed
        await eventually(lambda: all(map(is_paused, both)))
        # Requests without a user go to any engine.
        for _ in range(8):
            trigger: Any = (await link.ask(FindTrigger(TRIGGER))).trigger
            assert (trigger["paused"]["who"], trigger["paused"]["why"]) == ("Ann", "wrong words")
        assert (await link.ask(ChangePause("resume", TRIGGER, "Bob"))).has_changed
        await eventually(lambda: not any(map(is_paused, both)))

        for engine in both:
            page = "https://app.example.com/projects"
            await link.ask(ReportTourProblem(user_of(engine), PATH, STEP, "missing", page))

        async def element() -> dict[str, Any]:
            path = (await link.ask(FindGoldenPath(PATH))).golden_path
            joined = with_element_health(path, (await link.ask(GetHealth())).health)
            found: dict[str, Any] = next(step["health"] for step in joined["steps"] if step["id"] == STEP)
            return found

        async def is_known() -> bool:
            return bool((await element())["times"] == 2)

        await eventually(is_known)
        assert (await element())["state"] == "missing"
