"""Two engines on Redis under 200 payloads a second: a pause by the real command stops every toast."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import engines, eventually, saves, write_autoplay

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.gateway.feed_queues import Feed, FeedHub
from rasa_autoplay.link.redis.gateway_link import RedisLink, deny_peer
from rasa_autoplay.link.requests import GetHealth
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.storage.redis import RedisConnection

_PAYLOADS_PER_S = 200
#: Enough for 45 s.
_USERS = 3_000
#: What the issue allows between a pause and the last toast, seconds.
_ALLOWED_S = 1.0


class Gateway:
    """A gateway's link and feeds, with browsers that read them."""

    def __init__(self, server: RedisServer) -> None:
        connection = RedisConnection(Secret(server.url), "link.url in credentials.yml")
        self.link = RedisLink("demo", connection, time.time, deny_peer)
        self.hub = FeedHub(self.link.send)
        #: When each toast arrived, in epoch seconds, and its user.
        self.toasts: list[tuple[float, str]] = []
        self.sent = 0
        self.payloads_per_s = 0.0
        self._reading: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Gateway:
        self.link.start(self.hub.deliver, self.hub.open_feeds)
        return self

    async def __aexit__(self, *_: object) -> None:
        await end_tasks(self._reading)
        await self.link.stop()

    def open(self, user: str) -> None:
        """Open a browser that reads its feed."""
        self._reading.append(asyncio.get_running_loop().create_task(self._read(user)))

    async def _read(self, user: str) -> None:
        with self.hub.subscribe(user, "", sends_receipts=True) as feed:
            await self.read_on(feed)

    async def read_on(self, feed: Feed) -> None:
        """Read a feed's frames until cancelled, or until none is there for a second."""
        while True:
            try:
                frame = await feed.next(600.0)
            except asyncio.TimeoutError:
                return
            assert frame is not None
            self.toasts.append((time.time(), feed.user_id))
            feed.confirm(frame)

    async def is_known(self) -> bool:
        """Whether the engines know all feeds."""
        health: dict[str, Any] = (await self.link.ask(GetHealth())).health
        known = sum(int(engine["feeds"]) for engine in health["engines"].values())
        return known >= len(self.hub) == len(self._reading)

    def toasts_between(self, begin: float, end: float) -> list[str]:
        """The users who got a toast in that time, in epoch seconds."""
        return [user for at, user in self.toasts if begin < at < end]

    def has_toast(self, user: str) -> bool:
        """Whether a user's browser has shown a toast."""
        return any(each == user for _, each in self.toasts)

    async def load(self, names: Iterable[str]) -> None:
        """Let one user after the other save three times, at an even pace, until cancelled."""
        begun = time.monotonic()
        for name in names:
            for event in saves(name, 3):
                await asyncio.sleep(max(begun + self.sent / _PAYLOADS_PER_S - time.monotonic(), 0))
                self.link.send(event)
                self.sent += 1
                self.payloads_per_s = self.sent / (time.monotonic() - begun)


@asynccontextmanager
async def under_load(gateway: Gateway, name: str) -> AsyncIterator[None]:
    """Run the load while the context lasts."""
    users = [f"{name} {number}" for number in range(_USERS)]
    for user in users:
        gateway.open(user)
    # On a busy machine, engines learn of a new feed later than of what its user does.
    await eventually(gateway.is_known)
    loading = asyncio.create_task(gateway.load(users))
    try:
        yield
        assert not loading.done()
    finally:
        await end_tasks([loading])


async def command(folder: Path, *arguments: str) -> str:
    """Run ``rasa-autoplay`` in a project."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rasa_autoplay.tools.cli",
        *arguments,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def last_change(folder: Path) -> dict[str, Any]:
    changes = json.loads(await command(folder, "changes", "--json"))["changes"]
    return next(change for change in reversed(changes) if change["kind"] in ("paused", "resumed"))


def rows(folder: Path, users: Sequence[str]) -> list[tuple[str, str]]:
    """Return status and receipt of the offers of these users."""
    query = (
        "SELECT o.user_id, o.status, coalesce(r.event, '') FROM autoplay_offers o "
        "LEFT JOIN autoplay_receipts r ON r.offer_id = o.offer_id"
    )
    connection = sqlite3.connect(folder / "autoplay.db")
    try:
        return [(status, event) for user, status, event in connection.execute(query) if user in users]
    finally:
        connection.close()


@pytest.mark.slow
@asynchronous
async def test_pause_stops_every_toast_within_a_second_and_resume_lets_them_come(
    tmp_path: Path, redis_server: RedisServer, record_property: Callable[[str, object], None]
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    hung = [f"hung {number}" for number in range(8)]
    tabless = [f"without a tab {number}" for number in range(8)]
    async with Gateway(redis_server) as gateway, engines(file, gateway.link, "one", "two") as running:
        async with under_load(gateway, "before"):
            feeds = [gateway.hub.subscribe(user, "") for user in hung]
            hanging = [feed.__enter__() for feed in feeds]
            for user in (*hung, *tabless):
                for event in saves(user, 3):
                    gateway.link.send(event)
            await eventually(lambda: all(feed._frames for feed in hanging))
            await eventually(lambda: len(rows(tmp_path, [*hung, *tabless])) == 16)
            await eventually(lambda: len(gateway.toasts) > 150)

            await command(tmp_path, "pause", "--all", "--why", "incident", "--by", "Ann")
            pause = await last_change(tmp_path)
            sent = gateway.sent
            await eventually(lambda: gateway.sent > sent + 4 * _PAYLOADS_PER_S)
        assert gateway.toasts_between(pause["at"] - 1.0, pause["at"]), "toasts come until the pause"
        delay_s = max(at for at, _ in gateway.toasts) - pause["at"]
        record_property("last toast after the pause, seconds", round(delay_s, 3))
        assert delay_s < _ALLOWED_S
        assert gateway.payloads_per_s > 0.8 * _PAYLOADS_PER_S

        assert [feed._frames for feed in hanging] == [[]] * len(hung), "also those that waited for a browser"
        reading = [asyncio.create_task(gateway.read_on(feed)) for feed in hanging]
        for user in tabless:
            gateway.open(user)
        withdrawn = rows(tmp_path, [*hung, *tabless])
        assert withdrawn == [("expired", "withdrawn")] * 16
        gateway.open("during the pause")
        for event in saves("during the pause", 3):
            gateway.link.send(event)

        await command(tmp_path, "resume", "--all")
        resume = await last_change(tmp_path)
        await eventually(lambda: gateway.has_toast("during the pause"))
        assert gateway.toasts_between(pause["at"] + _ALLOWED_S, resume["at"]) == []
        assert not any(gateway.has_toast(user) for user in (*hung, *tabless)), "their evidence was used"
        assert [engine.own_tracebacks() for engine in running] == [[], []]
        await end_tasks(reading)
        for feed_context in feeds:
            feed_context.__exit__(None, None, None)
