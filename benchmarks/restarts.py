"""What is lost when a process restarts around a story, or is killed under load."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from benchmarks.deployment import Deployment, deployed
from benchmarks.feeds import Feed
from benchmarks.figures import Figure
from benchmarks.story import STORY_S, tell
from benchmarks.stream import play

__all__ = ["measure"]

_USERS = 20
#: Seconds from the story's beginning; the third save is at 8.4 s.
_MOMENTS_S = {"before": -0.5, "during": 5.0, "after": STORY_S + 0.05}
_UNDER_LOAD = 60
_LOAD_PER_S = 200
_SPREAD_S = 20.0
_KILL_AFTER_S = (10.0, 18.0)
_LONGEST_WAIT_S = 120.0
#: Seconds to watch for a second toast.
_WATCHED_S = 3.0

_Restart = Callable[[signal.Signals], Awaitable[None]]


async def measure() -> list[Figure]:
    """20 users per restart, three saves each; then 60 under load, with both processes killed in turn."""
    async with deployed() as deployment:
        figures = []
        processes: dict[str, _Restart] = {
            "action server": deployment.restart_actions,
            "Rasa server": deployment.restart_rasa,
        }
        for process, restart in processes.items():
            for moment, at_s in _MOMENTS_S.items():
                name = f"{process} restarted {moment} the story"
                figures += await _restarted(deployment, restart, at_s, name)
        return [*figures, *await _killed_under_load(deployment)]


async def _restarted(deployment: Deployment, restart: _Restart, at_s: float, name: str) -> list[Figure]:
    async with _listening(deployment, [f"{name} {n}".replace(" ", "-") for n in range(_USERS)]) as feeds:
        begin_at = time.time() + 1
        telling = [asyncio.create_task(_tell(deployment, feed, begin_at)) for feed in feeds]
        await asyncio.sleep(begin_at + at_s - time.time())
        await restart(signal.SIGTERM)
        await asyncio.gather(*telling)
        figures = await _lost_and_doubled(feeds, name)
    await deployment.ready()
    return figures


async def _killed_under_load(deployment: Deployment) -> list[Figure]:
    """The engine is killed and restarts, then the gateway: users whose story happens then lose nothing."""
    async with _listening(deployment, [f"under-load-{n}" for n in range(_UNDER_LOAD)]) as feeds:
        begin_at = time.time() + 1
        starts = [begin_at + _SPREAD_S * number / _UNDER_LOAD for number in range(_UNDER_LOAD)]
        telling = [asyncio.create_task(_tell(deployment, f, at)) for f, at in zip(feeds, starts, strict=True)]
        load = asyncio.create_task(play(deployment, _LOAD_PER_S, _SPREAD_S + STORY_S))
        for restart, after_s in zip(
            (deployment.restart_actions, deployment.restart_rasa), _KILL_AFTER_S, strict=True
        ):
            await asyncio.sleep(begin_at + after_s - time.time())
            await restart(signal.SIGKILL)
        await asyncio.gather(load, *telling)
        return await _lost_and_doubled(feeds, "both processes killed in turn under load")


async def _tell(deployment: Deployment, feed: Feed, begin_at: float) -> None:
    await tell(deployment.feed_connector, feed.user_id, begin_at)


@asynccontextmanager
async def _listening(deployment: Deployment, user_ids: Sequence[str]) -> AsyncIterator[list[Feed]]:
    feeds = [Feed(deployment.project.gateway_url, user_id) for user_id in user_ids]
    tasks = [asyncio.create_task(feed.keep_open()) for feed in feeds]
    try:
        yield feeds
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(feed.cut() for feed in feeds))


async def _lost_and_doubled(feeds: Sequence[Feed], name: str) -> list[Figure]:
    await asyncio.wait([asyncio.create_task(feed.offer()) for feed in feeds], timeout=_LONGEST_WAIT_S)
    await asyncio.sleep(_WATCHED_S)
    lost = sum(not feed.offer_ids for feed in feeds)
    doubled = sum(len(feed.offer_ids) > 1 for feed in feeds)
    return [
        Figure(f"{name}: toasts lost, of {len(feeds)}", lost, "", exactly=0),
        Figure(f"{name}: toasts shown twice", doubled, "", exactly=0),
    ]
