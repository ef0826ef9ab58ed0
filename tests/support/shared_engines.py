"""Gateways and engines that share a Redis server, all in the test's own process."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.redis.engine import SharedEngine
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Delivered, Event, FeedInfo, FeedOpened
from rasa_autoplay.link.redis.gateway_link import PeerHandler, RedisLink, deny_peer
from rasa_autoplay.link.requests import GetHealth
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import PARTITIONS
from support.engine_process import engine_process
from support.processes import ROOT, ServerProcess
from support.redis_server import RedisServer

__all__ = [
    "SharedGateway",
    "an_engine",
    "engines",
    "eventually",
    "killed",
    "saves",
    "shared_gateway",
    "write_autoplay",
]

_AUTOPLAY = """\
product_id: demo
session: {interaction_timeout: 10s, cooldown: 20s}
courtesy: {min_interval: 0}
triggers:
  - predicate: "example_bot.triggers:bulk_edit_opportunity"
    id: bulk_edit_opportunity
    body: "Shall I show you how?"
    golden_path: projects-bulk-edit
golden_paths: golden_paths
"""
_PAGE = "https://app.example.com/projects/:id/edit"


def write_autoplay(folder: Path, server: RedisServer) -> YamlFile:
    """Write the engine file of a project whose sessions are on that server."""
    file = folder / "autoplay.yml"
    file.write_text(f'{_AUTOPLAY}shared: {{redis: "{server.url}"}}\n', encoding="utf-8")
    if not (folder / "golden_paths").exists():
        shutil.copytree(ROOT / "example_bot" / "golden_paths", folder / "golden_paths")
    return YamlFile(file)


@asynccontextmanager
async def an_engine(file: YamlFile) -> AsyncIterator[SharedEngine]:
    """Run an engine, and stop it in good order."""
    engine = SharedEngine(file)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def killed(engine: SharedEngine) -> None:
    """Kill an engine as nearly as one process can: nothing is finished, written or released."""
    tasks = [*engine._link._tasks, *engine._link._entries.calls._answering]
    if engine.engine._ticking is not None:
        tasks.append(engine.engine._ticking)
    tasks += [*engine.engine._core.driver._decisions, *engine.engine._core.late_deliveries._pending]
    await end_tasks(tasks)
    await engine.engine._pause_poller.stop()
    await engine.engine._reloader.stop()
    await engine.engine._memory.stop()
    await engine._connection.close()


async def eventually(check: Callable[[], object | Awaitable[object]], within_s: float = 60.0) -> None:
    """Wait until the check is true."""
    deadline = time.monotonic() + within_s
    while True:
        answer = check()
        if await answer if isinstance(answer, Awaitable) else answer:
            return
        assert time.monotonic() < deadline, f"not so after {within_s} s"
        await asyncio.sleep(0.02)


def saves(user_id: str, count: int, *, session_id: str = "", now: float | None = None) -> list[Event]:
    """Return that many presses of "Save changes", the last one now."""
    now = time.time() if now is None else now
    events = []
    for i in range(count):
        at = now - 5 * (count - 1 - i)
        act = SlimAction(
            "Click Save changes",
            "User clicked Save changes",
            _PAGE,
            type="click",
            timestamp_start=at,
            timestamp_end=at,
        )
        payload = ActionsPayload("demo", session_id or f"s_{user_id}", user_id, None, [act])
        payload.event_ids = [secrets.randbits(63)]
        events.append(Event(payload, "capture"))
    return events


class SharedGateway:
    """A gateway's link, with browsers that record what they receive."""

    def __init__(self, server: RedisServer) -> None:
        connection = RedisConnection(Secret(server.url), "link.url in credentials.yml")
        self.answer_peer: PeerHandler = deny_peer
        self.link = RedisLink("demo", connection, time.time, lambda asked: self.answer_peer(asked))
        self.feeds: dict[str, FeedInfo] = {}
        #: The offer ids that each feed has shown, in order and without repeats.
        self.shown: dict[str, list[str]] = {}
        self.frames: list[FeedFrame] = []

    def browser(self, user_id: str) -> str:
        """Open the feed like a browser; return the feed's id."""
        feed = FeedInfo(f"feed_{secrets.token_hex(4)}", user_id)
        self.feeds[feed.feed_id] = feed
        self.shown[feed.feed_id] = []
        self.link.send(FeedOpened(feed))
        return feed.feed_id

    async def take(self, frame: FeedFrame) -> None:
        """Receive a frame like the gateway's hub: a feed shows an offer once."""
        self.frames.append(frame)
        if frame.is_withdrawal:
            return  # what was shown is not taken back
        for feed in list(self.feeds.values()):
            if feed.user_id != frame.user_id or (frame.feed_ids and feed.feed_id not in frame.feed_ids):
                continue
            if feed.last_offer_id != frame.id:
                self.feeds[feed.feed_id] = msgspec.structs.replace(feed, last_offer_id=frame.id)
                self.shown[feed.feed_id].append(frame.id)
            self.link.send(Delivered(frame.id, [feed.feed_id], feed.user_id))

    def toasts(self, user_id: str) -> list[str]:
        """The offers that this user's browsers have shown."""
        return [
            each
            for feed in self.feeds.values()
            if feed.user_id == user_id
            for each in self.shown[feed.feed_id]
        ]


@asynccontextmanager
async def shared_gateway(server: RedisServer) -> AsyncIterator[SharedGateway]:
    """Run a linked gateway."""
    gateway = SharedGateway(server)
    gateway.link.start(gateway.take, lambda: list(gateway.feeds.values()))
    try:
        yield gateway
    finally:
        await gateway.link.stop()


@asynccontextmanager
async def engines(file: YamlFile, link: RedisLink, *names: str) -> AsyncIterator[list[ServerProcess]]:
    """Run engines that have divided the users among themselves; all end with the context."""
    running = [engine_process(name, file) for name in names]
    try:
        await eventually(lambda: are_serving(link, len(names)), within_s=90)
        yield running
    finally:
        for each in running:
            each.kill()


async def are_serving(link: RedisLink, count: int) -> bool:
    """Return whether that many engines serve, each its share of all partitions."""
    try:
        health: dict[str, Any] = (await link.ask(GetHealth())).health
    except EngineUnreachable:
        return False
    shares = [engine["partitions"] for engine in health["engines"].values() if engine["partitions"]]
    return len(shares) == count and sum(shares) == PARTITIONS
