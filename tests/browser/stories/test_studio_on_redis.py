"""The studio shows the users of both engines, on either of two Rasa servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, expect
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.project import TRIGGER
from support.redis_server import running_redis
from support.studio_pair import open_studio, studio_project
from support.user import User
from support.workshop import Workshop

from example_bot.demo.configuration import gets_the_toast

#: Four servers.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_USERS = 6


@pytest.fixture(scope="module")
def pairs(workshop: Workshop, background: BackgroundLoop) -> Iterator[tuple[Pair, Pair]]:
    """Two Rasa servers and two engines that share a Redis server and a database."""
    with running_redis() as meeting_place:
        projects = [studio_project(workshop, f"studio on redis {number}") for number in (1, 2)]
        for project in projects:
            project.channel["shared"] = {"redis": "${AUTOPLAY_REDIS_URL}"}
            project.environment["AUTOPLAY_REDIS_URL"] = meeting_place.url
            project.autoplay["shared"] = {"redis": "${AUTOPLAY_REDIS_URL}"}
            project.autoplay["database"] = {"url": f"sqlite:///{projects[0].database}"}
        with (
            workshop.running(projects[0], background) as one,
            workshop.running(projects[1], background) as two,
        ):
            yield one, two


async def both_engines_serve(pair: Pair) -> None:
    async def halves() -> bool:
        engines = (await pair.health())["engine"].get("engines", {})
        return [engine["partitions"] for engine in engines.values()] == [8, 8]

    await eventually(halves, within_s=60, what="two engines serve half of the users each")


async def test_every_screen_shows_the_users_of_both_engines(
    browser: Browser, pairs: tuple[Pair, Pair]
) -> None:
    one, two = pairs
    await both_engines_serve(one)
    users: list[User] = []
    while len(users) < _USERS:
        user = User(pairs[len(users) % 2], "rhea")
        users += [user] if gets_the_toast(user.id) else []
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    async with AsyncExitStack() as stack:
        stack.push_async_callback(context.close)
        feeds = [await stack.enter_async_context(user.feed()) for user in users]
        for user, feed in zip(users, feeds, strict=True):
            await user.send_story(user.story())
            await user.acknowledge(await feed.toast())
        page = await open_studio(context, two)
        for user in users:
            row = page.locator(".session-row").filter(has_text=user.id)
            await expect(row).to_contain_text("Changing projects one at a time?")
        await expect(page.locator('.tile[data-label="Engines"]')).to_contain_text("2")
        # Each session is explained, whichever engine has its user.
        for user in users[:2]:
            await page.goto(f"{two.base}/studio#/session/{user.session_id}?user={user.id}")
            await expect(page.locator(".headline")).to_contain_text(TRIGGER)
            await expect(page.locator("path.tick").first).to_be_attached()
        await page.goto(f"{two.base}/studio#/people?q=rhea")
        await expect(page.locator("main tbody tr")).to_have_count(_USERS)
        await page.goto(f"{two.base}/studio#/triggers")
        await expect(page.locator(f'tr[data-trigger="{TRIGGER}"]')).to_contain_text(str(_USERS))
