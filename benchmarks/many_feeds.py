"""40,000 open feeds of one Rasa server: memory and CPU while nothing is said."""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from benchmarks.deployment import Deployment, deployed
from benchmarks.feeds import Feed, open_feeds
from benchmarks.figures import Figure
from rasa_autoplay.gateway.access.connections import max_descriptors, raise_descriptor_limit

__all__ = ["measure"]

_FEEDS = 40_000
#: A client process has its own source address and descriptors.
_FEEDS_PER_CLIENT = 10_000
#: Descriptors that the Rasa server needs for everything else.
_OTHER_DESCRIPTORS = 300
_IDLE_S = 30.0
_LONGEST_OPENING_S = 600.0


async def measure() -> list[Figure]:
    """Open as many feeds as the system lets one process have, at most 40,000."""
    count = _FEEDS if not max_descriptors() else min(_FEEDS, max_descriptors() - _OTHER_DESCRIPTORS)
    if count < _FEEDS:
        print(f"    only {count:,} feeds: ulimit -n is {max_descriptors():,}", file=sys.stderr)
    async with deployed() as deployment:
        # One-time costs of the very first feeds are not counted.
        first = [Feed(deployment.project.gateway_url, f"first-{number}") for number in range(100)]
        await open_feeds(first)
        return await _with_feeds(deployment, count)


async def _with_feeds(deployment: Deployment, count: int) -> list[Figure]:
    gateway, engine = deployment.rasa.rss_bytes(), deployment.actions.rss_bytes()
    began_at = time.monotonic()
    with _clients(deployment.project.gateway_url, count) as clients:
        for client in clients:
            await asyncio.to_thread(client.recv)
        took_s = time.monotonic() - began_at
        await _until_known(deployment, count)
        gateway = deployment.rasa.rss_bytes() - gateway
        engine = deployment.actions.rss_bytes() - engine
        cpu_s = deployment.rasa.cpu_s() + deployment.actions.cpu_s()
        await asyncio.sleep(_IDLE_S)
        cpu_s = deployment.rasa.cpu_s() + deployment.actions.cpu_s() - cpu_s
        still_open = int((await deployment.health())["engine"]["feeds"])
    name = f"{count:,} open feeds"
    return [
        Figure(f"{name}: Rasa server, memory a feed", gateway / count / 1000, "KB", below=16),
        Figure(f"{name}: engine, memory a feed", engine / count / 1000, "KB"),
        Figure(f"{name}: opened a second", count / took_s, "/s"),
        Figure(f"{name}: CPU of both processes a second, nothing to say", cpu_s / _IDLE_S, "s"),
        Figure(f"{name}: feeds lost in {_IDLE_S:g} s", max(count + 100 - still_open, 0), "", exactly=0),
    ]


@contextmanager
def _clients(gateway_url: str, count: int) -> Iterator[list[Connection]]:
    """Start the client processes; each sends a word when its feeds are open."""
    context = multiprocessing.get_context("spawn")
    processes, connections = [], []
    for number, first in enumerate(range(0, count, _FEEDS_PER_CLIENT)):
        own, theirs = context.Pipe()
        size = min(_FEEDS_PER_CLIENT, count - first)
        arguments = (theirs, gateway_url, first, size, f"127.0.0.{number + 2}")
        processes.append(context.Process(target=_hold_feeds, args=arguments, daemon=True))
        connections.append(own)
        processes[-1].start()
    try:
        yield connections
    finally:
        for process in processes:
            process.terminate()


def _hold_feeds(connection: Connection, gateway_url: str, first: int, count: int, source: str) -> None:
    raise_descriptor_limit()

    async def hold() -> None:
        feeds = [Feed(gateway_url, f"many-{first + number:05}", source) for number in range(count)]
        await open_feeds(feeds)
        connection.send("open")
        await asyncio.Event().wait()

    asyncio.run(hold())


async def _until_known(deployment: Deployment, feeds: int) -> None:
    deadline = time.monotonic() + _LONGEST_OPENING_S
    while time.monotonic() < deadline:
        if int((await deployment.health())["engine"]["feeds"]) >= feeds:
            return
        await asyncio.sleep(0.5)
    raise RuntimeError(f"the engine does not know {feeds} feeds")
