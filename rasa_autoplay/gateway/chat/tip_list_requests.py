"""Opens "My tips" on the page for users who ask for it in the chat, with a button or by typing its name."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_autoplay.common.conversation.my_tips import OPEN_TIPS_PAYLOAD, asks_for_tips
from rasa_autoplay.common.sentences.sentences import sentences_in
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.sockets import LanguagesOf
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.tip_requests import OpenTips

__all__ = ["TipListRequests"]

logger = logging.getLogger(__name__)

_WAIT_S = 5.0


class TipListRequests:
    """Answers messages that ask for the list.

    Args:
        link: asks the engine to open it.
        chat: answers.
        languages_of: the languages of users' pages.
    """

    def __init__(self, link: Link, chat: RasaChat, languages_of: LanguagesOf = lambda _user_id: ()) -> None:
        self._link = link
        self._chat = chat
        self._languages_of = languages_of

    async def answer(self, message: Any, user_id: str) -> bool:
        """Open the list that a message asks for.

        Args:
            message: Rasa's ``UserMessage``; the button's payload in it is replaced by the button's title.
            user_id: the verified author; empty if unknown.

        Returns:
            True if the message is answered; Rasa should not see it.
        """
        text = str(message.text or "")
        is_pressed = text == OPEN_TIPS_PAYLOAD
        if not (is_pressed or asks_for_tips(text)):
            return False
        if not is_pressed and not await self._chat.is_undisturbed(str(message.sender_id)):
            return False
        sentences = sentences_in(self._languages_of(user_id))
        if is_pressed:
            message.text = sentences.my_tips
        is_open = await self._open(user_id)
        try:
            await self._chat.answer(message, sentences.tips_opened if is_open else sentences.tips_not_opened)
        except ChatUndelivered as problem:
            logger.warning("The answer to a message that asks for tips was not sent: %s", problem)
        return True

    async def _open(self, user_id: str) -> bool:
        if not user_id:
            return False
        try:
            return (await self._link.ask(OpenTips(user_id), timeout_s=_WAIT_S)).is_open
        except (EngineRefused, EngineUnreachable, asyncio.TimeoutError) as problem:
            logger.warning("The tips that a user asked for in the chat did not open: %s", problem)
            return False
