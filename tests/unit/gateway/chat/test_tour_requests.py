"""A tour requested in the chat: who may request it, how, for how long, and what Rasa sees of it."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from support.run import asynchronous
from support.stand_in_link import StandInLink

from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.common.identity.user_tokens import Caller, UserTokens
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable
from rasa_autoplay.gateway.access.identity_modes import RequiredIdentity
from rasa_autoplay.gateway.chat import offered_tours
from rasa_autoplay.gateway.chat.message_gateway import MessageGateway, speaking_as
from rasa_autoplay.gateway.chat.offered_tours import OfferedTours
from rasa_autoplay.gateway.chat.tour_requests import TourRequests
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.requests import OrderTour
from rasa_autoplay.settings.secret import Secret

PROOFS = MessageProofs(Secret("link-secret"))
BUTTON = TourButton("Show me on the page", "bulk")
SHOWING = "Here you go."


class Chat:
    """Chat windows; with a form in progress if ``is_busy``."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.offered = OfferedTours(lambda: self.now_s)
        self.is_busy = False
        self.is_gone = False
        self.aside: list[tuple[str, str]] = []

    async def may_take_turn(self, _sender_id: str) -> bool:
        return not self.is_busy

    async def say_aside(self, sender_id: str, text: str) -> None:
        if self.is_gone:
            raise ChatUndelivered("gone", remedy="none")
        self.aside.append((sender_id, text))


class Scene:
    def __init__(self) -> None:
        self.link, self.chat = StandInLink(), Chat()
        chat: Any = self.chat
        self.requests = TourRequests(self.link, chat, PROOFS)
        self.chat.offered.offer("w1", "bulk")

    async def write(self, text: str, user_id: str = "anna", sender_id: str = "w1") -> Any:
        """Return the message as Rasa gets it; None if Rasa does not see it."""
        message = SimpleNamespace(text=text, sender_id=sender_id, parse_data=None)
        return None if await self.requests.answer(message, user_id) else message


def spoken(message: Any) -> str:
    """Return what the action server says for a message, if the proof is valid."""
    (entity,) = message.parse_data["entities"]
    assert message.parse_data["intent"]["name"] == "EXTERNAL_proactive"
    assert PROOFS.covers_text(entity[PROOF_KEY], "w1", entity["value"])
    return str(entity["value"])


@pytest.mark.parametrize(
    ("text", "kept"), [(BUTTON.payload, "Show me on the page"), ("Yes, please!", "Yes, please!")]
)
@asynchronous
async def test_the_users_message_becomes_the_bots_turn(text: str, kept: str) -> None:
    scene = Scene()
    message = await scene.write(text)
    assert (message.text, spoken(message)) == (kept, SHOWING)
    assert scene.link.asked == [OrderTour("anna", "bulk")]


@asynchronous
async def test_any_other_message_goes_to_the_bot_untouched() -> None:
    scene = Scene()
    for text in ("what is this?", "show me", "", None):
        message = await scene.write(text)  # type: ignore[arg-type] # a message can be without a text
        assert (message.text, message.parse_data) == (text, None)
    assert scene.link.asked == []


@asynchronous
async def test_a_yes_counts_in_its_own_window_once_and_not_for_ever() -> None:
    scene = Scene()
    assert (await scene.write("yes", sender_id="w2")).parse_data is None
    assert (await scene.write("yes")).parse_data
    assert (await scene.write("yes")).parse_data is None
    scene.chat.offered.offer("w1", "bulk")
    scene.chat.now_s = 301.0
    assert (await scene.write("yes")).parse_data is None
    assert (await scene.write(BUTTON.payload)).parse_data, "a button says what it means, at any time"


@asynchronous
async def test_a_form_or_a_human_gets_the_yes_and_the_button_is_answered_aside() -> None:
    scene = Scene()
    scene.chat.is_busy = True
    assert (await scene.write("yes")).parse_data is None
    assert scene.link.asked == []
    assert await scene.write(BUTTON.payload) is None
    assert scene.chat.aside == [("w1", SHOWING)]


@pytest.mark.parametrize(
    "failure",
    [
        EngineUnreachable("away", remedy="none"),
        EngineRefused("not_found", "no such tour"),
        asyncio.TimeoutError(),
    ],
)
@pytest.mark.parametrize("is_gone", [False, True])
@asynchronous
async def test_a_tour_that_cannot_be_ordered_is_said_plainly(failure: Exception, is_gone: bool) -> None:
    scene = Scene()
    scene.link.failure, scene.chat.is_gone = failure, is_gone
    assert await scene.write(BUTTON.payload) is None
    assert is_gone or "can't show it on the page right now" in scene.chat.aside[0][1]


@asynchronous
async def test_nobody_can_order_a_tour_for_another_user() -> None:
    """The metadata names Ben, the socket's token Anna: Anna's browser gets the tour."""
    scene = Scene()
    identity = RequiredIdentity(UserTokens([Secret("k" * 40)], "demo", time.time))
    chat: Any = scene.chat
    gateway = MessageGateway(identity, PROOFS, TourRequests(scene.link, chat, PROOFS))

    def claiming() -> Any:
        return SimpleNamespace(
            text=BUTTON.payload,
            sender_id="w1",
            message_id="m1",
            input_channel="socketio",
            metadata={"userId": "ben", "customData": {"userId": "ben"}},
            parse_data=None,
        )

    with speaking_as(Caller("anna")):
        await gateway.handle(claiming())
    assert scene.link.asked == [OrderTour("anna", "bulk")]
    # A channel without tokens identifies no user.
    assert await gateway.handle(claiming())
    assert len(scene.link.asked) == 1


def test_what_is_remembered_of_windows_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offered_tours, "_MAX_WINDOWS", 3)
    offered = OfferedTours(lambda: 0.0)
    for number in range(5):
        offered.offer(f"w{number}", "bulk")
    assert [bool(offered.accepted_by_text(f"w{number}", "yes")) for number in range(5)] == [False] * 2 + [
        True
    ] * 3
