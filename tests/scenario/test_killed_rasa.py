"""``kill -9`` of ``rasa run`` right after its 200: the event still becomes a toast, exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.redis_server import RedisServer, running_redis
from support.stories import through_save
from support.user import Feed, User
from support.workshop import Workshop

pytestmark = pytest.mark.timeout(1_200)

#: A restart takes as long as the machine needs; earlier saves must still count then.
LONG = "15m"
#: The link, and the time from the last 200 to the kill: before, while and after the engine gets the event.
MOMENTS = [
    *(pytest.param("HTTP", after_s, marks=pytest.mark.slow) for after_s in (0.0, 0.003, 0.02)),
    *(pytest.param("Redis", after_s, marks=pytest.mark.slow) for after_s in (0.0, 0.003, 0.02)),
]
#: The link, and how its other side is unreachable.
ABSENCES = [
    ("HTTP", "killed"),
    pytest.param("HTTP", "stopped", marks=pytest.mark.slow),
    pytest.param("Redis", "stopped", marks=pytest.mark.slow),
]


@dataclass(frozen=True)
class Killable:
    """A pair whose Rasa server these tests kill, and the Redis server between its halves, if any."""

    pair: Pair
    redis: RedisServer | None

    @contextmanager
    def nobody_takes(self, absence: str) -> Iterator[None]:
        """Neither engine nor Redis accepts an event until the context ends."""
        assert self.pair.actions is not None
        if self.redis is not None:
            self.redis.pause()
        elif absence == "killed":
            self.pair.actions.kill()
        else:
            self.pair.actions.pause()
        try:
            yield
        finally:
            if self.redis is not None:
                self.redis.resume()
            elif absence == "killed":
                self.pair.start_actions()
            else:
                self.pair.actions.resume()


@contextmanager
def running(name: str, workshop: Workshop, background: BackgroundLoop, redis_url: str = "") -> Iterator[Pair]:
    """A pair connected over HTTP or Redis."""
    project = workshop.project(f"killed over {name}")
    project.autoplay["session"]["window"]["lookback"] = LONG
    trigger = project.autoplay["triggers"][0]
    trigger["offer_ttl"] = LONG
    trigger["when"]["all"][1]["count"]["within"] = LONG
    if redis_url:
        project.channel["shared"] = {"redis": "${AUTOPLAY_REDIS_URL}"}
        project.autoplay["shared"] = {"redis": "${AUTOPLAY_REDIS_URL}"}
        project.environment["AUTOPLAY_REDIS_URL"] = redis_url
    with workshop.running(project, background) as pair:
        yield pair


@pytest.fixture(scope="module")
def over_http(workshop: Workshop, background: BackgroundLoop) -> Iterator[Killable]:
    with running("HTTP", workshop, background) as pair:
        yield Killable(pair, None)


@pytest.fixture(scope="module")
def over_redis(workshop: Workshop, background: BackgroundLoop) -> Iterator[Killable]:
    with running_redis() as redis, running("Redis", workshop, background, redis.url) as pair:
        yield Killable(pair, redis)


@pytest.fixture
def killable(request: pytest.FixtureRequest) -> Killable:
    """The pair of one link, shared by all its tests."""
    found: Killable = request.getfixturevalue(f"over_{request.param.lower()}")
    return found


async def send_and_kill(pair: Pair, user: User, after_s: float = 0.0) -> None:
    """Send a whole story, wait for the last 200, and kill the Rasa server after this delay."""
    await user.send_story(user.story())
    if after_s:
        await asyncio.sleep(after_s)
    kill_rasa(pair)


def kill_rasa(pair: Pair) -> None:
    assert pair.rasa is not None
    pair.rasa.kill()
    assert pair.rasa.exit_status == -9


async def restart(pair: Pair) -> None:
    pair.start_rasa()
    await pair.ready()


async def is_serving(pair: Pair) -> bool:
    try:
        return bool(await pair.health())
    except (aiohttp.ClientError, OSError):
        return False


async def one_toast(pair: Pair, user: User, feed: Feed) -> None:
    """Check that the browser and the ledger get the toast exactly once."""
    toast = await feed.toast()
    await user.acknowledge(toast)
    await feed.stays_silent(2.5)
    assert pair.offers_to(user.id) == [toast.id]


async def nothing_waits(pair: Pair) -> None:
    """Wait until the journal is empty, because the engine or Redis has accepted its events."""

    async def is_empty() -> bool:
        journal = (await pair.health())["journal"]
        return bool((journal["pending"], journal["bytes"]) == (0, 0))

    await eventually(is_empty, what="the journal is empty")


def is_on_disk(pair: Pair) -> bool:
    folder = pair.project.folder / "autoplay-journal"
    return any(file.stat().st_size for file in folder.iterdir())


@pytest.mark.parametrize(("killable", "after_s"), MOMENTS, indirect=["killable"])
async def test_an_answered_event_survives_a_kill(killable: Killable, after_s: float) -> None:
    pair = killable.pair
    user = User(pair)
    await send_and_kill(pair, user, after_s)
    await restart(pair)
    async with user.feed() as feed:
        await one_toast(pair, user, feed)
    await nothing_waits(pair)


@pytest.mark.parametrize(("killable", "absence"), ABSENCES, indirect=["killable"])
async def test_an_event_that_is_only_on_disk_survives_a_kill(killable: Killable, absence: str) -> None:
    """A stopped engine may find the event in its socket later, and again in the journal's batch."""
    pair = killable.pair
    user = User(pair)
    with killable.nobody_takes(absence):
        await send_and_kill(pair, user)
        assert is_on_disk(pair)
    await restart(pair)
    assert (await pair.health())["journal"]["recovered"]
    async with user.feed() as feed:
        await one_toast(pair, user, feed)
    await nothing_waits(pair)


@pytest.mark.slow
@pytest.mark.parametrize("killable", ["HTTP", "Redis"], indirect=True)
async def test_events_that_the_engine_has_not_accepted_survive_two_kills(killable: Killable) -> None:
    """The events are only on disk, and still so after the first restart."""
    pair = killable.pair
    user = User(pair)
    with killable.nobody_takes("killed"):
        await send_and_kill(pair, user)
        pair.start_rasa()
        await eventually(lambda: is_serving(pair), within_s=120, what="the Rasa server is back")
        kill_rasa(pair)
        assert is_on_disk(pair)
    await restart(pair)
    async with user.feed() as feed:
        await one_toast(pair, user, feed)
    await nothing_waits(pair)


@pytest.mark.slow
@pytest.mark.parametrize("killable", ["HTTP", "Redis"], indirect=True)
async def test_an_open_feed_gets_the_toast_once_the_server_is_back(killable: Killable) -> None:
    """Only the last save is at risk: the kill comes between it and the toast, or after both."""
    pair = killable.pair
    user = User(pair)
    story = user.story()
    two = through_save(story, 2)
    async with user.feed() as feed:
        await user.send_story(story[:two])
        await user.send_story(story[two:])
        kill_rasa(pair)
        await restart(pair)
        await one_toast(pair, user, feed)


@pytest.mark.slow
@pytest.mark.parametrize("killable", ["HTTP", "Redis"], indirect=True)
async def test_without_a_journal_an_unaccepted_event_gets_no_200(killable: Killable) -> None:
    """Nothing can be lost then: posthog-js resends what got a 503."""
    pair = killable.pair
    user = User(pair)
    story = user.story()
    kill_rasa(pair)
    pair.project.channel["journal"] = False
    pair.project.write()
    try:
        await restart(pair)
        with killable.nobody_takes("killed"):
            first = next(request for request in story if request.is_capture)
            with pytest.raises(AssertionError, match="503"):
                await user.send_story([first])
            kill_rasa(pair)
        await restart(pair)
        async with user.feed() as feed:
            await user.send_story(story)
            await one_toast(pair, user, feed)
    finally:
        del pair.project.channel["journal"]
        pair.project.write()
        kill_rasa(pair)
        await restart(pair)
