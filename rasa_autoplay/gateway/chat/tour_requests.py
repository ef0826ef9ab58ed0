"""Starts the tour that a user asks for in the chat, with the button under an explanation or by typing "yes".

The message and its answer are saved in the tracker outside of the dialogue, so no training is needed. If a
form is active or a human has taken over, a typed "yes" is left to them, and the tracker gets the button's
answer only.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_autoplay.common.conversation.show_me import tour_of_payload
from rasa_autoplay.common.sentences.sentences import sentences_in
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.sockets import LanguagesOf
from rasa_autoplay.link.answers import TourOrdered
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.requests import OrderTour

__all__ = ["TourRequests"]

logger = logging.getLogger(__name__)

_WAIT_S = 5.0


class TourRequests:
    """Answers messages that ask for a tour.

    Args:
        link: asks the engine to start the tour.
        chat: knows which tour a window offers, and answers.
        languages_of: the languages of users' pages.
    """

    def __init__(self, link: Link, chat: RasaChat, languages_of: LanguagesOf = lambda _user_id: ()) -> None:
        self._link = link
        self._chat = chat
        self._languages_of = languages_of

    async def answer(self, message: Any, user_id: str) -> bool:
        """Order the tour that a message asks for.

        Args:
            message: Rasa's ``UserMessage``; a button's payload in it is replaced by the button's title.
            user_id: the verified author; empty if unknown.

        Returns:
            True if the message is answered; Rasa should not see it.
        """
        sender_id, text = str(message.sender_id), str(message.text or "")
        typed, pressed = self._chat.offered.accepted_by_text(sender_id, text), tour_of_payload(text)
        if not (typed or pressed):
            return False
        if typed and not await self._chat.is_undisturbed(sender_id):
            return False
        ordered = await self._order(user_id, typed or pressed)
        if pressed:
            message.text = ordered.title
        try:
            await self._chat.answer(message, ordered.text)
        except ChatUndelivered as problem:
            logger.warning("The answer to a message that asks for a tour was not sent: %s", problem)
        return True

    async def _order(self, user_id: str, tour_id: str) -> TourOrdered:
        if not user_id:
            return self._not_now(user_id)
        try:
            return await self._link.ask(OrderTour(user_id, tour_id), timeout_s=_WAIT_S)
        except (EngineRefused, EngineUnreachable, asyncio.TimeoutError) as problem:
            logger.warning("A tour that a user asked for in the chat did not start: %s", problem)
            return self._not_now(user_id)

    def _not_now(self, user_id: str) -> TourOrdered:
        sentences = sentences_in(self._languages_of(user_id))
        return TourOrdered(sentences.steps_above, sentences.show_me_on_page)
