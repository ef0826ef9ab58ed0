"""My tips requested in the chat: by its button, or by its name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from support.run import asynchronous
from support.stand_in_link import StandInLink

from rasa_autoplay.common.conversation.my_tips import OPEN_TIPS_PAYLOAD
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable
from rasa_autoplay.gateway.chat.tip_list_requests import TipListRequests
from rasa_autoplay.link.tip_answers import TipsOpened
from rasa_autoplay.link.tip_requests import OpenTips


class Chat:
    """A chat window; with a form in progress if ``is_busy``."""

    def __init__(self) -> None:
        self.is_busy = self.is_gone = False
        self.answered: list[tuple[str, str]] = []

    async def is_undisturbed(self, _sender_id: str) -> bool:
        return not self.is_busy

    async def answer(self, message: Any, text: str) -> None:
        if self.is_gone:
            raise ChatUndelivered("gone", remedy="none")
        self.answered.append((message.text, text))


class Scene:
    def __init__(self) -> None:
        self.link, self.chat = StandInLink(), Chat()
        chat: Any = self.chat
        self.requests = TipListRequests(self.link, chat)

    async def is_answered(self, text: str | None, user_id: str = "anna") -> bool:
        return await self.requests.answer(SimpleNamespace(text=text, sender_id="w1"), user_id)


@pytest.mark.parametrize("text", [OPEN_TIPS_PAYLOAD, "My tips", "meine tipps!", "MES ASTUCES", "マイヒント"])
@asynchronous
async def test_list_opens_on_the_page(text: str) -> None:
    scene = Scene()
    assert await scene.is_answered(text)
    assert scene.link.asked == [OpenTips("anna")]
    ((kept, answer),) = scene.chat.answered
    assert (kept, answer) == ("My tips" if text == OPEN_TIPS_PAYLOAD else text, "Here are your tips.")


@asynchronous
async def test_any_other_message_goes_to_the_bot() -> None:
    scene = Scene()
    for text in ("show my tips please", "tips", "", None, "my tips " * 9_000, OPEN_TIPS_PAYLOAD + "{}"):
        assert not await scene.is_answered(text)
    scene.chat.is_busy = True
    assert not await scene.is_answered("my tips"), "a form is in progress"
    assert await scene.is_answered(OPEN_TIPS_PAYLOAD)
    assert len(scene.link.asked) == 1


@asynchronous
async def test_says_so_if_the_list_cannot_be_opened() -> None:
    scene = Scene()
    assert await scene.is_answered("my tips", user_id="")
    assert not scene.link.asked
    scene.link.answers[OpenTips] = TipsOpened(is_open=False)
    assert await scene.is_answered("my tips")
    scene.link.failure = EngineUnreachable("It is away.")
    assert await scene.is_answered("my tips")
    assert all(answer.startswith("I can't open your tips") for _, answer in scene.chat.answered)
    assert len(scene.chat.answered) == 3
    scene.chat.is_gone = True
    assert await scene.is_answered("my tips")
