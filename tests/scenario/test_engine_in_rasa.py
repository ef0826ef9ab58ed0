"""``engine: in_process``: one ``rasa run``, without action server and link secret, tells the whole story."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.background import BackgroundLoop
from support.pair import Pair, RasaAlone
from support.user import User
from support.workshop import Workshop

from scenario.test_asking_first import QUESTION as ANOTHER_QUESTION
from scenario.test_open_chat import LISTED, QUESTION

JWT_KEY = "key-of-one-process-8f27c1b09d5e4a63aa"


@pytest.fixture(scope="module")
def alone(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    project = workshop.project("alone")
    project.channel.update(identity="required", jwt_key=JWT_KEY)
    with workshop.running(project, background, RasaAlone) as pair:
        yield pair


async def test_toast_chat_and_tour_come_from_one_process(alone: Pair) -> None:
    user = User(alone, "anna", JWT_KEY)
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        assert toast.data["body"] == QUESTION
        await user.acknowledge(toast)
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        assert [(await window.bubble()).text for _ in range(2)] == [QUESTION, LISTED]
        (tour,) = toast.data["tours"]
        status, started = await user.post("/tour/start", {"user_id": user.id, "tour_id": tour["id"]})
        assert (status, started["tour_id"]) == (200, tour["id"])
        assert await user.post("/tour/end", {"user_id": user.id}) == (200, {"status": "ok"})


async def test_the_assistant_answers_in_the_chat(alone: Pair) -> None:
    user = User(alone, "ben", JWT_KEY)
    async with user.chat() as window:
        await window.write(ANOTHER_QUESTION)
        assert (await window.bubble()).text == LISTED


async def test_health_names_the_engines_place(alone: Pair) -> None:
    health = await alone.health()
    assert (health["link"]["type"], health["engine"]["runs_in"]) == ("in_process", "rasa_server")


async def test_a_stop_is_quick_and_keeps_the_offers(alone: Pair) -> None:
    """The last test of this file, because it stops the server."""
    user = User(alone, "clara", JWT_KEY)
    async with user.feed() as feed:
        await user.send_story(user.story())
        await feed.toast()
    await alone.hang_up()
    assert alone.rasa is not None
    assert await alone.rasa.stop() < 20.0
    assert alone.rasa.own_tracebacks() == []
    assert len(alone.offers_to(user.id)) == 1
