"""Either process stops, crashes or is unreachable around a story: the toast arrives exactly once."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from support.background import BackgroundLoop, eventually
from support.connector import Connector
from support.pair import Pair
from support.stories import save, through_save
from support.user import Feed, Toast, User
from support.workshop import STREAM_TOKEN, Workshop

from example_bot.recording import Recorded

#: A restart takes as long as the machine needs: earlier saves must still count then, and offers must not have
#: expired.
LONG = "15m"
#: A crash is the harder case; the slow tests also end servers in good order.
POLITE = (signal.SIGTERM, signal.SIGINT)
#: A click is answered within this many seconds, whatever hangs.
CLICK_WITHIN_S = 25.0


@pytest.fixture(scope="module")
def own_connector(background: BackgroundLoop) -> Iterator[Connector]:
    """A connector that these tests may break."""
    server = Connector(STREAM_TOKEN)
    background.run(server.start(), 10)
    yield server
    background.run(server.close(), 10)


@pytest.fixture(scope="module")
def breakable(workshop: Workshop, background: BackgroundLoop, own_connector: Connector) -> Iterator[Pair]:
    """A pair that these tests may break; each test repairs it."""
    project = workshop.project("breakable")
    project.channel.update(stream={"url": own_connector.url, "token": "${STREAM_TOKEN}"})
    project.environment["STREAM_TOKEN"] = STREAM_TOKEN
    project.autoplay["session"]["window"]["lookback"] = LONG
    trigger = project.autoplay["triggers"][0]
    trigger["offer_ttl"] = LONG
    trigger["when"]["all"][1]["count"]["within"] = LONG
    with workshop.running(project, background) as pair:
        yield pair


async def end_actions(pair: Pair, how: signal.Signals) -> None:
    """End the action server."""
    assert pair.actions is not None
    await pair.actions.stop(how)


async def restart_actions(pair: Pair, how: signal.Signals = signal.SIGTERM) -> None:
    """Restart the action server."""
    await end_actions(pair, how)
    pair.start_actions()
    await pair.ready()


async def is_taken(pair: Pair) -> None:
    """Wait until the gateway has nothing queued for the engine."""

    async def empty() -> bool:
        return bool((await pair.health())["link"]["queued"] == 0)

    await eventually(empty, what="the engine has taken everything")


@asynccontextmanager
async def two_saves(pair: Pair) -> AsyncIterator[tuple[User, Feed, list[Recorded]]]:
    """A user with an open feed and two saves; the rest of their story follows."""
    user = User(pair)
    story = user.story()
    two = through_save(story, 2)
    async with user.feed() as feed:
        await user.send_story(story[:two])
        await is_taken(pair)
        yield user, feed, story[two:]


async def one_toast_only(pair: Pair, user: User, feed: Feed) -> Toast:
    """Check that one toast arrives, and nothing after the following pause."""
    toast = await feed.toast()
    await user.acknowledge(toast)
    await feed.stays_silent(2.5)
    assert pair.offers_to(user.id) == [toast.id]
    return toast


@pytest.mark.slow
async def test_the_engine_restarts_before_the_story(breakable: Pair) -> None:
    user = User(breakable)
    async with user.feed() as feed:
        await restart_actions(breakable)
        await user.send_story(user.story())
        await one_toast_only(breakable, user, feed)
        assert feed.connections == 1, "the browser has noticed nothing"


@pytest.mark.parametrize(
    "how", [*(pytest.param(each, marks=pytest.mark.slow) for each in POLITE), signal.SIGKILL]
)
async def test_the_engine_restarts_between_the_second_save_and_the_third(
    breakable: Pair, how: signal.Signals
) -> None:
    async with two_saves(breakable) as (user, feed, rest):
        await restart_actions(breakable, how)
        await user.send_story(rest)
        await one_toast_only(breakable, user, feed)


async def test_the_third_save_arrives_while_the_engine_is_down(breakable: Pair) -> None:
    async with two_saves(breakable) as (user, feed, rest):
        await end_actions(breakable, signal.SIGTERM)
        await user.send_story(rest)
        await is_known_to_be_away(breakable)
        breakable.start_actions()
        await breakable.ready()
        await one_toast_only(breakable, user, feed)


async def test_the_engine_restarts_before_the_delivery(breakable: Pair) -> None:
    """No feed was open, so the offer waited; it survives its engine, and its evidence counts once."""
    user = User(breakable)
    await user.send_story(user.story())
    offer_id = await breakable.offer_to(user.id)
    await restart_actions(breakable, signal.SIGKILL)
    async with user.feed() as feed:
        assert (await one_toast_only(breakable, user, feed)).id == offer_id


async def test_the_engine_restarts_after_the_toast(breakable: Pair) -> None:
    """Repeated events make no second toast; three new saves do."""
    user = User(breakable)
    async with user.feed() as feed:
        await user.send_story(user.story(now=time.time() - 30))
        first = await feed.toast()
        await user.acknowledge(first)
        await restart_actions(breakable)
        await feed.stays_silent(2.5)
        await user.send_story(user.story())
        second = await feed.toast()
        await user.acknowledge(second)
    assert breakable.offers_to(user.id) == [first.id, second.id]


async def test_open_chat_reports_that_the_action_server_is_down(breakable: Pair) -> None:
    user = User(breakable)
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        await end_actions(breakable, signal.SIGTERM)
        status, answer = await user.open_chat(window, toast)
        assert status == 502
        assert "action server" in answer["error"]
        assert "rasa run actions" in answer["remedy"]
        await window.stays_silent(0.5)
        for route, body in (
            ("/tour/step", {"user_id": user.id}),
            ("/proactive/ack", {"offer_id": toast.id, "event": "seen"}),
        ):
            status, answer = await breakable.post(route, body)
            assert (status, set(answer)) == (502, {"error", "remedy"})
        breakable.start_actions()
        await breakable.ready()
        assert (await user.open_chat(window, toast))[0] == 200
        assert (await window.bubble()).text == toast.data["body"]
        await window.bubble()


async def test_a_stopped_action_server_fails_fast_where_it_is_needed(breakable: Pair) -> None:
    """It keeps its connections (SIGSTOP): Rasa alone would wait for five minutes."""
    pair = breakable
    user, ben = User(pair), User(pair, "ben")
    async with user.feed() as feed, user.chat() as window, ben.feed() as bens_feed, ben.chat() as bens:
        await user.send_story(user.story())
        toast = await feed.toast()
        assert pair.actions is not None
        pair.actions.pause()
        try:
            # Rasa waits for the action server in this conversation, and a click arrives.
            await window.write("what did I just do?")
            await ben.send_story(ben.story())
            for route, body in (
                ("/tour/step", {"user_id": user.id}),
                ("/proactive/ack", {"offer_id": toast.id, "event": "seen"}),
            ):
                status, answer = await asyncio.wait_for(pair.post(route, body), CLICK_WITHIN_S)
                assert (status, set(answer)) == (502, {"error", "remedy"})
                assert "stopped" in answer["remedy"]
            status, answer = await asyncio.wait_for(user.open_chat(window, toast), CLICK_WITHIN_S)
            assert status in (502, 503), answer
            assert set(answer) == {"error", "remedy"}
            await bens.write("hello")
            assert (await bens.bubble()).text, "what needs no action is answered"
            await is_known_to_be_stopped(pair)
        finally:
            pair.actions.resume()
        await pair.ready()
        await one_toast_only(pair, ben, bens_feed)
        assert (await window.bubble()).text, "Rasa's own question is answered after all"


@pytest.mark.parametrize(
    ("refusal", "remedy", "how"),
    [
        pytest.param(404, "URL", signal.SIGTERM, marks=pytest.mark.slow, id="stopped"),
        pytest.param(403, "another product", signal.SIGKILL, id="crashed"),
    ],
)
async def test_a_rasa_restart_loses_no_users_story(
    breakable: Pair, own_connector: Connector, refusal: int, remedy: str, how: signal.Signals
) -> None:
    """Users see one restart, each at another point of the story."""
    pair, connector = breakable, own_connector
    fay = User(pair, "fay")
    now = time.time()
    fays_saves = [fay.batch(save(at=now - 5 * i, index=9 - i)) for i in (2, 1, 0)]
    await connector.connected()
    connector.send(*fays_saves[:2])
    await is_known(pair, fay)
    await the_stream_is_refused(pair, connector, refusal, remedy)
    async with AsyncExitStack() as stack:
        anna, annas_feed, annas_rest = await stack.enter_async_context(two_saves(pair))
        ben = User(pair, "ben")
        await ben.send_story(ben.story())
        bens_offer = await pair.offer_to(ben.id)
        dora, doras_feed, doras_toast = await dora_has_her_toast(pair, stack)

        await rasa_ends(pair, how)
        connector.refusal = None
        eva = User(pair, "eva")
        connector.send(*(eva.batch(save(at=time.time() - i)) for i in range(3)))
        connections = annas_feed.connections
        pair.start_rasa()
        await pair.ready()
        await annas_feed.reopened(after=connections)

        evas_feed = await stack.enter_async_context(eva.feed())
        await evas_feed.toast()
        await anna.send_story(annas_rest)
        await one_toast_only(pair, anna, annas_feed)
        bens_feed = await stack.enter_async_context(ben.feed())
        assert (await one_toast_only(pair, ben, bens_feed)).id == bens_offer
        # The connector does not know what was received, and resends her two saves: they still count as two.
        fays_feed = await stack.enter_async_context(fay.feed())
        connector.send(*fays_saves[:2])
        await fays_feed.stays_silent(1)
        connector.send(fays_saves[2])
        await one_toast_only(pair, fay, fays_feed)
        await doras_feed.stays_silent(0.1)
        assert pair.offers_to(dora.id) == [doras_toast.id]
        async with dora.chat() as window:
            assert (await dora.open_chat(window, doras_toast))[0] == 200
            await window.bubble()


async def is_known_to_be_away(pair: Pair) -> None:
    """Wait until health reports that the engine is unreachable, what waits for it, and the remedy."""

    async def told() -> bool:
        health = await pair.health()
        engine = health["engine"]
        failed = engine["state"] == "failed" and "rasa run actions" in engine.get("remedy", "")
        return bool(failed and health["link"]["queued"] > 0)

    await eventually(told, what="health says that the engine is away")


async def is_known_to_be_stopped(pair: Pair) -> None:
    """Wait until health reports in time that the action server hangs, and the remedy."""

    async def told() -> bool:
        health = await asyncio.wait_for(pair.health(), CLICK_WITHIN_S)
        parts = [health["link"], health["engine"]]
        return all("stopped" in part.get("remedy", "") for part in parts) and not _is_up(health)

    await eventually(told, what="health says that the action server hangs")


def _is_up(health: Mapping[str, Any]) -> bool:
    return bool(health["link"]["state"] == "connected" or health["engine"]["state"] == "running")


async def is_known(pair: Pair, user: User) -> None:
    """Wait until the engine has a session of the user."""

    async def known() -> bool:
        return bool((await pair.post("/tour/step", {"user_id": user.id}))[1] == {"status": "ok"})

    await eventually(known, what=f"the engine knows {user.id}")


async def the_stream_is_refused(pair: Pair, connector: Connector, status: int, remedy: str) -> None:
    """One error with the remedy in log and health, and then no further request."""
    await connector.connected()
    connector.refusal, requests = status, connector.requests
    errors = pair.rasa_log().count("ERROR")
    connector.drop()

    async def failed() -> bool:
        return bool((await pair.health())["sources"]["stream"]["state"] == "failed")

    await eventually(failed, what="the stream has failed for good")
    assert remedy in (await pair.health())["sources"]["stream"]["remedy"]
    await asyncio.sleep(2.5)
    assert connector.requests == requests + 1
    assert pair.rasa_log().count("ERROR") == errors + 1
    assert f"answers HTTP {status}" in pair.rasa_log()


async def dora_has_her_toast(pair: Pair, stack: AsyncExitStack) -> tuple[User, Feed, Toast]:
    dora = User(pair, "dora")
    feed = await stack.enter_async_context(dora.feed())
    await stack.enter_async_context(dora.chat())
    await dora.send_story(dora.story())
    toast = await feed.toast()
    await dora.acknowledge(toast)
    return dora, feed, toast


async def rasa_ends(pair: Pair, how: signal.Signals) -> None:
    """End the Rasa server while feeds, chat windows and the connector's stream are open."""
    assert pair.rasa is not None
    await pair.rasa.stop(how)
