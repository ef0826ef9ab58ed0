"""Two Rasa servers and two action servers, started by the rasa CLI, share the work on one Redis server."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.redis_server import RedisServer, running_redis
from support.stories import through_save
from support.user import Feed, Toast, User
from support.workshop import Workshop

#: Four servers, two of which are started twice.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Pairs = tuple[Pair, Pair]


@pytest.fixture(scope="module")
def meeting_place() -> Iterator[RedisServer]:
    """The Redis server."""
    with running_redis() as server:
        yield server


@pytest.fixture(scope="module")
def pairs(workshop: Workshop, background: BackgroundLoop, meeting_place: RedisServer) -> Iterator[Pairs]:
    """Two pairs that share a Redis server and a database."""
    projects = [workshop.project(f"scaled out {number}") for number in (1, 2)]
    for project in projects:
        project.channel["shared"] = {"redis": "${AUTOPLAY_REDIS_URL}"}
        project.environment["AUTOPLAY_REDIS_URL"] = meeting_place.url
        project.autoplay["shared"] = {"redis": "${AUTOPLAY_REDIS_URL}"}
        project.autoplay["database"] = {"url": f"sqlite:///{projects[0].database}"}
    with workshop.running(projects[0], background) as one, workshop.running(projects[1], background) as two:
        yield one, two


async def engines_of(pair: Pair) -> dict[str, Any]:
    engines: dict[str, Any] = (await pair.health())["engine"].get("engines", {})
    return engines


async def both_engines_serve(pair: Pair) -> None:
    async def halves() -> bool:
        return [engine["partitions"] for engine in (await engines_of(pair)).values()] == [8, 8]

    await eventually(halves, within_s=60, what="two engines serve half of the users each")


async def acknowledged(user: User, feed: Feed) -> Toast:
    toast = await feed.toast()
    await user.acknowledge(toast)
    return toast


async def test_toasts_and_chats_reach_the_server_of_the_feed_or_window(pairs: Pairs) -> None:
    one, two = pairs
    await both_engines_serve(one)
    user = User(two)
    async with user.feed() as feed, user.chat() as window:
        # The host app's events and the click happen to reach the other server.
        user.pair = one
        await user.send_story(user.story())
        toast = await acknowledged(user, feed)
        status, answer = await user.open_chat(window, toast)
        assert (status, answer) == (200, {"status": "ok"})
        assert (await window.bubble()).text == toast.data["body"]
        assert "Bulk edit" in (await window.bubble()).text
    assert one.offers_to(user.id) == [toast.id]


async def test_one_of_two_engines_is_killed_between_the_saves(pairs: Pairs) -> None:
    one, two = pairs
    await both_engines_serve(one)
    async with AsyncExitStack() as stack:
        # Enough that either engine has some of them.
        users = [User(pair, "kim") for pair in pairs for _ in range(8)]
        feeds = [await stack.enter_async_context(user.feed()) for user in users]
        stories = [user.story() for user in users]
        for user, story in zip(users, stories, strict=True):
            await user.send_story(story[: through_save(story, 2)])
        assert one.actions is not None
        await one.actions.stop(signal.SIGKILL)
        for user, story in zip(users, stories, strict=True):
            await user.send_story(story[through_save(story, 2) :])
        toasts = await asyncio.gather(*(acknowledged(u, f) for u, f in zip(users, feeds, strict=True)))
        one.start_actions()
        await both_engines_serve(two)
        for user, feed, toast in zip(users, feeds, toasts, strict=True):
            assert one.offers_to(user.id) == [toast.id]
            assert [each.id for each in feed.toasts] == [toast.id]


async def test_all_engines_and_the_users_own_gateway_are_killed_between_the_saves(pairs: Pairs) -> None:
    one, two = pairs
    user = User(one, "lou")
    story = user.story()
    await user.send_story(story[: through_save(story, 2)])

    async def taken() -> bool:
        queued = (await one.health())["link"]["queued"]
        _, answer = await one.post("/tour/step", {"user_id": user.id})
        return bool(queued == 0 and answer == {"status": "ok"})

    await eventually(taken, within_s=30, what="an engine knows the user")
    assert two.actions is not None
    await two.actions.stop(signal.SIGKILL)
    one.kill()
    await one.hang_up()
    one.start_actions()
    two.start_actions()
    one.start_rasa()
    await one.ready()
    async with user.feed() as feed:
        await user.send_story(story[through_save(story, 2) :])
        toast = await acknowledged(user, feed)
        await both_engines_serve(one)
        assert one.offers_to(user.id) == [toast.id]
