"""What sharing costs: the same load on one engine and on two, over Redis."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.figures import Figure, percentile
from benchmarks.project import PRODUCT_ID, ROOT
from benchmarks.server_process import ServerProcess
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Delivered, Event, FeedInfo, FeedOpened
from rasa_autoplay.link.redis.gateway_link import RedisLink
from rasa_autoplay.link.requests import GetHealth
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import PARTITIONS, RedisNames

__all__ = ["measure"]

_EVENTS_PER_S = 500
_LASTS_S = 20.0
_WARM_UP_S = 4.0
_PEOPLE = 1_000
_TICK_S = 0.01
#: Users who send the story meanwhile and wait for a toast.
_WATCHED = 100
_LONGEST_START_S = 120.0
_LONGEST_WAIT_S = 30.0

_NAMES = RedisNames(PRODUCT_ID)
_AUTOPLAY = """\
version: "1"
product_id: {product_id}
session: {{interaction_timeout: 10s, cooldown: 20s}}
courtesy: {{min_interval: 0}}
triggers:
  - predicate: "example_bot.triggers:bulk_edit_opportunity"
    id: bulk_edit_opportunity
    body: "Shall I show you how?"
    golden_path: projects-bulk-edit
golden_paths: "{golden_paths}"
database: {{url: "sqlite:///autoplay.db"}}
shared: {{redis: {url}}}
"""


@dataclass
class _Cost:
    """CPU time per event, and toast latencies."""

    engines_ms: float
    redis_ms: float
    toasts_s: list[float]


async def measure() -> list[Figure]:
    """CPU time per event of engines and Redis; time from third save to toast, both at the gateway."""
    if shutil.which("redis-server") is None:
        print("    redis-server is not installed: skipped", file=sys.stderr)
        return []
    one, two = await _cost_of(1), await _cost_of(2)
    take_over_s = await _take_over()
    return [
        Figure("Redis: one of two engines killed → the other serves all users", take_over_s, "s", below=5),
        Figure("Redis, one engine: CPU an event", one.engines_ms, "ms"),
        Figure("Redis, two engines: CPU an event, both together", two.engines_ms, "ms"),
        Figure(
            "Redis: CPU an event, two engines against one", two.engines_ms / one.engines_ms, "×", below=1.1
        ),
        Figure("redis-server: CPU an event, two engines", two.redis_ms, "ms"),
        Figure("Redis, two engines: save → toast, p50", percentile(two.toasts_s, 0.5) * 1000, "ms"),
        Figure("Redis, two engines: save → toast, p99", percentile(two.toasts_s, 0.99) * 1000, "ms"),
    ]


async def _cost_of(count: int) -> _Cost:
    with tempfile.TemporaryDirectory(prefix="autoplay-benchmark-") as folder, _redis(Path(folder)) as redis:
        async with (
            _linked(redis.url) as gateway,
            _engines(Path(folder), redis.url, count, gateway) as engines,
        ):
            await _send(gateway, _traffic(), _WARM_UP_S)
            engines_s, redis_s = sum(each.cpu_s() for each in engines), redis.cpu_s()
            sent, watched = await asyncio.gather(_send(gateway, _traffic(), _LASTS_S), _watch(gateway))
            await gateway.settled()
            engines_s = sum(each.cpu_s() for each in engines) - engines_s
            redis_s = redis.cpu_s() - redis_s
    events = sent + 3 * len(watched)
    return _Cost(engines_s / events * 1000, redis_s / events * 1000, watched)


async def _take_over() -> float:
    """From the death of one of two engines until the other reports that it serves all partitions."""
    with tempfile.TemporaryDirectory(prefix="autoplay-benchmark-") as folder, _redis(Path(folder)) as redis:
        async with _linked(redis.url) as gateway, _engines(Path(folder), redis.url, 2, gateway) as engines:
            engines[0].signal(signal.SIGKILL)
            killed_at = time.monotonic()
            await gateway.served_by_one()
            return time.monotonic() - killed_at


@dataclass
class _Redis:
    url: str
    process: psutil.Process

    def cpu_s(self) -> float:
        """The CPU seconds that it has used."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def _redis(folder: Path) -> Iterator[_Redis]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder))
    process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    try:
        yield _Redis(f"redis://127.0.0.1:{port}/0", psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(10)


@asynccontextmanager
async def _engines(
    folder: Path, url: str, count: int, gateway: _Gateway
) -> AsyncIterator[list[ServerProcess]]:
    golden_paths = ROOT / "example_bot" / "golden_paths"
    file = folder / "autoplay.yml"
    file.write_text(_AUTOPLAY.format(product_id=PRODUCT_ID, golden_paths=golden_paths, url=url), "utf-8")
    environment = {
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "AUTOPLAY_CONFIG": str(file),
    }
    engines = []
    try:
        for number in range(count):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = str(probe.getsockname()[1])
            command = ["run", "actions", "--actions", "example_bot.actions", "--port", port]
            engines.append(ServerProcess(f"actions-{number}", command, folder, environment))
        await gateway.served_by(count)
        yield engines
    finally:
        for engine in engines:
            engine.end()


@dataclass
class _Gateway:
    """A gateway's link in this process, and its browsers."""

    link: RedisLink
    redis: RedisConnection
    feeds: dict[str, FeedInfo] = field(default_factory=dict)
    toasts: dict[str, asyncio.Future[float]] = field(default_factory=dict)

    async def take(self, frame: FeedFrame) -> None:
        """Receive an offer."""
        toast = self.toasts.get(frame.user_id)
        if toast is not None and not toast.done():
            toast.set_result(time.perf_counter())
            feed = self.feeds[frame.user_id]
            self.link.send(Delivered(frame.id, [feed.feed_id], feed.user_id))

    async def served_by(self, count: int) -> None:
        """Wait until that many engines have divided all partitions among themselves."""
        deadline = time.monotonic() + _LONGEST_START_S
        while await self._shares() != [PARTITIONS // count] * count:
            if time.monotonic() > deadline:
                raise RuntimeError("the engines did not start")
            await asyncio.sleep(0.3)

    async def served_by_one(self) -> None:
        """Wait until one engine serves all partitions."""
        deadline = time.monotonic() + _LONGEST_WAIT_S
        while PARTITIONS not in await self._shares():
            if time.monotonic() > deadline:
                raise RuntimeError("nobody took over")
            await asyncio.sleep(0.05)

    async def _shares(self) -> list[int]:
        try:
            health: dict[str, Any] = (await self.link.ask(GetHealth())).health
        except EngineUnreachable:
            return []
        return [engine["partitions"] for engine in health["engines"].values()]

    async def settled(self) -> None:
        """Wait until everything sent has been processed."""
        while True:
            await asyncio.sleep(0.05)
            waiting = [await self.redis.client.xlen(name) for name in map(_NAMES.up, range(PARTITIONS))]
            if not self.link.health()["queued"] and not any(waiting):
                return


@asynccontextmanager
async def _linked(url: str) -> AsyncIterator[_Gateway]:
    redis = RedisConnection(Secret(url), "the benchmark")
    gateway = _Gateway(RedisLink(PRODUCT_ID, RedisConnection(Secret(url), "the benchmark"), time.time), redis)
    gateway.link.start(gateway.take, lambda: list(gateway.feeds.values()))
    try:
        yield gateway
    finally:
        await gateway.link.stop()
        await redis.close()


def _traffic() -> Iterator[Event]:
    """Actions of users who need no help, one per report."""
    for number in itertools.count():
        yield _event(f"person {number % _PEOPLE}", f"Click item {number % 250} of the list", number)


def _event(user_id: str, title: str, index: int) -> Event:
    now = time.time()
    page = "https://app.example.com/projects/:id"
    action = SlimAction(title, f"User clicked: {title}", page, index, "click", now, now, page)
    return Event(ActionsPayload(PRODUCT_ID, f"s {user_id}", user_id, None, [action]), "capture")


async def _send(gateway: _Gateway, events: Iterator[Event], lasts_s: float) -> int:
    """Send them at the rate; return how many."""
    began_at, sent = time.monotonic(), 0
    while (elapsed_s := time.monotonic() - began_at) < lasts_s:
        for event in itertools.islice(events, round(elapsed_s * _EVENTS_PER_S) - sent):
            gateway.link.send(event)
            sent += 1
        await asyncio.sleep(_TICK_S)
    return sent


async def _watch(gateway: _Gateway) -> list[float]:
    """Users send the story of three saves one after another; return the seconds to each toast."""
    gap_s = (_LASTS_S - 6) / _WATCHED
    return await asyncio.gather(*(_tell(gateway, f"watched {n}", n * gap_s) for n in range(_WATCHED)))


async def _tell(gateway: _Gateway, user_id: str, begin_s: float) -> float:
    await asyncio.sleep(begin_s)
    feed = gateway.feeds[user_id] = FeedInfo(f"feed of {user_id}", user_id)
    toast = gateway.toasts[user_id] = asyncio.get_running_loop().create_future()
    gateway.link.send(FeedOpened(feed))
    for number in range(3):
        await asyncio.sleep(1)
        sent_at = time.perf_counter()
        gateway.link.send(_event(user_id, "Click Save changes", number))
    arrived_at: float = await asyncio.wait_for(toast, _LONGEST_WAIT_S)
    return arrived_at - sent_at
