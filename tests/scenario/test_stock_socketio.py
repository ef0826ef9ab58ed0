"""A team with Rasa's own ``socketio`` channel, without a language model, and with a mistyped token."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from support.background import BackgroundLoop, eventually, retry_until_shown
from support.connector import Connector
from support.pair import Pair
from support.project import SOCKET_CHANNEL
from support.user import User
from support.workshop import STREAM_TOKEN, Workshop

from scenario.test_asking_first import QUESTION as ASKED
from scenario.test_asking_first import reply, seen, told_what_can_be_done
from scenario.test_open_chat import LISTED, QUESTION, STEPS, invited, receipt
from scenario.test_pacing import QUIET_S

#: Long enough to answer a toast on a busy machine, short enough to await.
EXPIRES_S = 15.0


@pytest.fixture(scope="module")
def strict_connector(background: BackgroundLoop) -> Iterator[Connector]:
    """A connector that expects another token."""
    server = Connector("another-token")
    background.run(server.start(), 10)
    yield server
    background.run(server.close(), 10)


@pytest.fixture(scope="module")
def stock(workshop: Workshop, background: BackgroundLoop, strict_connector: Connector) -> Iterator[Pair]:
    """That team's pair; its offers expire soon."""
    project = workshop.project("stock")
    project.credentials["socketio"] = project.credentials.pop(SOCKET_CHANNEL)
    project.channel.update(stream={"url": strict_connector.url, "token": "${STREAM_TOKEN}"})
    project.environment["STREAM_TOKEN"] = STREAM_TOKEN
    project.autoplay["triggers"][0]["offer_ttl"] = f"{EXPIRES_S}s"
    with workshop.running(project, background) as pair:
        yield pair


async def test_reports_a_wrong_stream_token_once_and_does_not_retry(
    stock: Pair, strict_connector: Connector
) -> None:
    async def failed() -> bool:
        return bool((await stock.health())["sources"]["stream"]["state"] == "failed")

    await eventually(failed, what="the stream has failed for good")
    assert "Check the token" in (await stock.health())["sources"]["stream"]["remedy"]
    async with User(stock).feed() as feed:
        await feed.stays_silent(2.5)
    assert (strict_connector.requests, strict_connector.wrong_tokens) == (1, 1)
    (error,) = [line for line in stock.rasa_log().splitlines() if " ERROR " in line]
    assert "HTTP 401" in error
    assert "Check the token" in error


async def test_both_bubbles_arrive_and_the_user_can_reply(stock: Pair) -> None:
    async with invited(stock) as (user, window, toast):
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        question, steps = await window.bubble(), await window.bubble()
        assert (question.text, steps.text) == (QUESTION, LISTED)
        assert await receipt(stock, toast, "bubble_2_delivered") == "steps"
        await window.write("what does urgent mean?")
        assert "urgent" in (await window.bubble()).text.lower()


async def test_answers_a_question_with_the_steps(stock: Pair) -> None:
    user = await seen(stock)
    async with user.chat() as window:
        await window.write(ASKED)
        assert (await window.bubble()).text == LISTED
    tour = {"tour_id": "projects-bulk-edit", "button": "Show me on the page"}
    assert await reply(user, query=ASKED) == (
        200,
        {"text": STEPS, "reply": STEPS, "source": "steps", **tour},
    )
    assert await told_what_can_be_done(user) == LISTED


async def test_drops_the_steps_when_the_user_writes_first(stock: Pair) -> None:
    async def shows_it() -> bool:
        async with invited(stock) as (user, window, toast):
            await user.open_chat(window, toast)
            assert (await window.bubble()).text == QUESTION
            await window.write("")
            await window.write("thanks")
            if (await window.bubble()).text == LISTED:
                return False  # the bot said them before the message arrived
            assert window.bubbles[-1].text == "You're welcome."
            await receipt(stock, toast, "bubble_2_dropped")
            await window.stays_silent(1.5)
            return True

    await retry_until_shown(shows_it)


async def test_rejects_a_wrong_sender_id_or_offer(stock: Pair) -> None:
    async with invited(stock, "anna") as (user, window, toast), invited(stock, "ben") as (_, _, other):
        status, answer = await user.open_chat(window, toast, sender_id=user.id)
        assert (status, "session id" in answer["remedy"]) == (502, True)
        assert (await user.open_chat(window, toast, sender_id=None))[0] == 400
        assert (await user.open_chat(window, toast, body=None))[0] == 400
        assert (await user.open_chat(window, other))[0] == 404
        await window.stays_silent(0.5)
        assert (await user.open_chat(window, toast))[0] == 200
        assert (await user.open_chat(window, toast))[0] == 200
        assert [(await window.bubble()).text for _ in range(2)] == [QUESTION, LISTED]
        await window.stays_silent(1)


async def test_chat_message_suppresses_offers(stock: Pair) -> None:
    user = User(stock)
    story = user.story()
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(story[:2])

        async def known() -> bool:
            return bool((await stock.post("/tour/end", {"user_id": user.id}))[1]["status"] == "ok")

        await eventually(known, what="the session is known")
        wrote = time.time()
        await window.write("hello")
        await window.bubble()
        await user.send_story(story[2:])
        toast = await feed.toast()
        assert toast.at - wrote >= QUIET_S - 0.1


async def test_an_unseen_offer_expires_and_is_not_charged(stock: Pair) -> None:
    user = User(stock)
    made = time.time()
    await user.send_story(user.story(now=made - 30))
    offer_id = await stock.offer_to(user.id)

    def expired() -> bool:
        return stock.query("select status from autoplay_offers where offer_id = ?", offer_id) == [
            ("expired",)
        ]

    await eventually(expired, what="the offer has expired")
    assert time.time() - made >= EXPIRES_S
    assert stock.rendered_at(offer_id) is None, "what was not shown is not charged"
    async with user.feed() as feed:
        await feed.stays_silent(1)
        await user.send_story(user.story())
        assert (await feed.toast()).id != offer_id


async def test_reports_an_engine_of_another_product(stock: Pair) -> None:
    """If the two files are on different machines, the link finds out."""
    assert stock.actions is not None
    await stock.actions.stop()
    stock.project.autoplay["product_id"] = "another"
    stock.project.write()
    stock.start_actions()

    async def told() -> bool:
        return "must agree" in str((await stock.health())["link"].get("remedy"))

    await eventually(told, what="health says that the products must agree")
    await stock.actions.stop()
    stock.project.autoplay["product_id"] = "demo"
    stock.project.write()
    stock.start_actions()
    await stock.ready()


async def test_ctrl_c_ends_both_servers_while_browsers_are_connected(stock: Pair) -> None:
    """The last test here: nothing runs after it."""
    async with AsyncExitStack() as stack:
        for name in ("anna", "ben", "carl"):
            user = User(stock, name)
            await stack.enter_async_context(user.feed())
            await stack.enter_async_context(user.chat())
        assert stock.rasa is not None
        assert stock.actions is not None
        # Each stops within its deadline; a benchmark measures how long they take.
        await stock.actions.stop(signal.SIGINT)
        await stock.rasa.stop(signal.SIGINT)
    assert not stock.rasa.own_tracebacks() + stock.actions.own_tracebacks()
