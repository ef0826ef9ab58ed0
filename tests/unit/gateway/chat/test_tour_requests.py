"""A tour requested in the chat: who may request it, how, for how long, and what Rasa sees of it."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from support.run import asynchronous
from support.stand_in_link import StandInLink

from rasa_autoplay.common.conversation.message_proofs import MessageProofs
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
        #: Sender, message and answer.
        self.answered: list[tuple[str, str, str]] = []

    async def is_undisturbed(self, _sender_id: str) -> bool:
        return not self.is_busy

    async def answer(self, message: Any, text: str) -> None:
        if self.is_gone:
            raise ChatUndelivered("gone", remedy="none")
        self.answered.append((message.sender_id, message.text, text))


class Scene:
    def __init__(self) -> None:
        self.link, self.chat = StandInLink(), Chat()
        chat: Any = self.chat
        self.requests = TourRequests(self.link, chat)
        self.chat.offered.offer("w1", "bulk")

    async def is_answered(self, text: str | None, user_id: str = "anna", sender_id: str = "w1") -> bool:
        """Write a message; return whether it was answered, so that Rasa does not see it."""
        message = SimpleNamespace(text=text, sender_id=sender_id)
        is_answered = await self.requests.answer(message, user_id)
        assert is_answered or message.text == text
        return is_answered


@pytest.mark.parametrize(
    ("text", "kept"), [(BUTTON.payload, "Show me on the page"), ("Yes, please!", "Yes, please!")]
)
@asynchronous
async def test_a_message_that_asks_for_the_tour_is_answered(text: str, kept: str) -> None:
    scene = Scene()
    assert await scene.is_answered(text)
    assert scene.chat.answered == [("w1", kept, SHOWING)]
    assert scene.link.asked == [OrderTour("anna", "bulk")]


@asynchronous
async def test_any_other_message_goes_to_the_bot_untouched() -> None:
    scene = Scene()
    for text in ("what is this?", "show me", "", None):
        assert not await scene.is_answered(text)
    assert scene.link.asked == []


@asynchronous
async def test_a_yes_counts_in_its_own_window_once_and_not_for_ever() -> None:
    scene = Scene()
    assert not await scene.is_answered("yes", sender_id="w2")
    assert await scene.is_answered("yes")
    assert not await scene.is_answered("yes")
    scene.chat.offered.offer("w1", "bulk")
    scene.chat.now_s = 301.0
    assert not await scene.is_answered("yes")
    assert await scene.is_answered(BUTTON.payload), "a button says what it means, at any time"


@asynchronous
async def test_a_form_or_a_human_gets_the_yes_and_the_button_is_answered() -> None:
    scene = Scene()
    scene.chat.is_busy = True
    assert not await scene.is_answered("yes")
    assert scene.link.asked == []
    assert await scene.is_answered(BUTTON.payload)
    assert scene.chat.answered == [("w1", BUTTON.title, SHOWING)]


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
    assert await scene.is_answered(BUTTON.payload)
    assert is_gone or "can't show it on the page right now" in scene.chat.answered[0][2]


@asynchronous
async def test_nobody_can_order_a_tour_for_another_user() -> None:
    """The metadata names Ben, the socket's token Anna: Anna's browser gets the tour."""
    scene = Scene()
    identity = RequiredIdentity(UserTokens([Secret("k" * 40)], "demo", time.time))
    chat: Any = scene.chat
    gateway = MessageGateway(identity, PROOFS, [TourRequests(scene.link, chat)])

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
