"""``kill -9`` of ``rasa run`` right after its 200: the event becomes a toast after all, exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.stories import through_save
from support.user import Feed, User
from support.workshop import Workshop

pytestmark = pytest.mark.timeout(1_200)

#: A restart takes as long as the machine takes; what was saved before must still count then.
LONG = "15m"
#: From the last 200 to the kill: before, while and after the engine takes the event.
MOMENTS_S = (0.0, *(pytest.param(after_s, marks=pytest.mark.slow) for after_s in (0.003, 0.02)))


@pytest.fixture(scope="module")
def killable(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """A pair whose Rasa server these tests kill."""
    project = workshop.project("killed")
    project.autoplay["session"]["window"]["lookback"] = LONG
    trigger = project.autoplay["triggers"][0]
    trigger["expires_after"] = LONG
    trigger["when"]["all"][1]["count"]["within"] = LONG
    with workshop.running(project, background) as pair:
        yield pair


async def send_and_kill(pair: Pair, user: User, after_s: float) -> None:
    """Send a whole story, wait for the last 200, and kill the Rasa server so long after it."""
    assert pair.rasa is not None
    await user.live(user.story())
    if after_s:
        await asyncio.sleep(after_s)
    pair.rasa.kill()
    assert pair.rasa.exit_status == -9


async def restart(pair: Pair) -> None:
    pair.start_rasa()
    await pair.ready()


async def one_toast(pair: Pair, user: User, feed: Feed) -> None:
    """The toast comes, once to the browser, and once into the ledger."""
    toast = await feed.toast()
    await user.acknowledge(toast)
    await feed.stays_silent(2.5)
    assert pair.offers_to(user.id) == [toast.id]


async def nothing_waits(pair: Pair) -> None:
    """Wait until the journal has been emptied by what the engine or Redis took."""

    async def is_empty() -> bool:
        journal = (await pair.health())["journal"]
        return bool((journal["pending"], journal["bytes"]) == (0, 0))

    await eventually(is_empty, what="the journal is empty")


@pytest.mark.parametrize("after_s", MOMENTS_S)
async def test_an_event_survives_the_kill_that_follows_its_answer(killable: Pair, after_s: float) -> None:
    pair = killable
    user = User(pair)
    await send_and_kill(pair, user, after_s)
    await restart(pair)
    async with user.feed() as feed:
        await one_toast(pair, user, feed)
    await nothing_waits(pair)


async def test_an_open_feed_gets_the_toast_once_the_server_is_back(killable: Pair) -> None:
    """The last save only is at stake: the kill comes between it and the toast, or after both."""
    pair = killable
    user = User(pair)
    story = user.story()
    two = through_save(story, 2)
    async with user.feed() as feed:
        await user.live(story[:two])
        assert pair.rasa is not None
        await user.live(story[two:])
        pair.rasa.kill()
        await restart(pair)
        await one_toast(pair, user, feed)
