"""Starts the tour that a user asks for in the chat, with the button under an explanation or by typing "yes".

The user's message becomes a turn with the copilot's own intent and the user's text. So no training is needed,
and the tracker contains what the user wrote and what the bot said. If a form is active or a human has taken
over, a typed "yes" is left to them, and the button starts the tour outside the dialogue: the tracker gets the
bot's text, and nothing else of the conversation changes.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.conversation.proactive import PROACTIVE_ENTITY, PROACTIVE_INTENT
from rasa_autoplay.common.conversation.show_me import SHOW_ME_ON_PAGE, tour_of_payload
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.link.answers import TourOrdered
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.requests import OrderTour

__all__ = ["TourRequests"]

logger = logging.getLogger(__name__)

_WAIT_S = 5.0
_NOT_NOW = TourOrdered("I can't show it on the page right now. The steps above still hold.", SHOW_ME_ON_PAGE)


class TourRequests:
    """Answers messages that ask for a tour.

    Args:
        link: asks the engine to start the tour.
        chat: knows which tour a window offers, and speaks outside the dialogue.
        proofs: signs what the bot says.
    """

    def __init__(self, link: Link, chat: RasaChat, proofs: MessageProofs) -> None:
        self._link = link
        self._chat = chat
        self._proofs = proofs

    async def answer(self, message: Any, user_id: str) -> bool:
        """Order the tour that a message asks for.

        Args:
            message: Rasa's ``UserMessage``; if Rasa should answer it, its parse data is set.
            user_id: the verified author; empty if unknown.

        Returns:
            True if the message is answered; Rasa should not see it.
        """
        sender_id, text = str(message.sender_id), str(message.text or "")
        typed, pressed = self._chat.offered.accepted_by_text(sender_id, text), tour_of_payload(text)
        if not (typed or pressed):
            return False
        may_take_turn = await self._chat.may_take_turn(sender_id)
        if typed and not may_take_turn:
            return False
        ordered = await self._order(user_id, typed or pressed)
        if ordered is None:
            await self._say_aside(sender_id, _NOT_NOW)
        elif may_take_turn:
            self._make_turn(message, sender_id, text if typed else ordered.title, ordered.text)
            return False
        else:
            await self._say_aside(sender_id, ordered)
        return True

    async def _order(self, user_id: str, tour_id: str) -> TourOrdered | None:
        if not user_id:
            return None
        try:
            return await self._link.ask(OrderTour(user_id, tour_id), timeout_s=_WAIT_S)
        except (EngineRefused, EngineUnreachable, asyncio.TimeoutError) as problem:
            logger.warning("A tour that a user asked for in the chat did not start: %s", problem)
            return None

    def _make_turn(self, message: Any, sender_id: str, said: str, answer: str) -> None:
        proof = self._proofs.for_text(sender_id, answer)
        message.text = said
        message.parse_data = {
            "text": said,
            "intent": {"name": PROACTIVE_INTENT, "confidence": 1.0},
            "entities": [{"entity": PROACTIVE_ENTITY, "value": answer, PROOF_KEY: proof}],
            "intent_ranking": [],
        }

    async def _say_aside(self, sender_id: str, ordered: TourOrdered) -> None:
        try:
            await self._chat.say_aside(sender_id, ordered.text)
        except ChatUndelivered as problem:
            logger.warning("The answer to a message that asks for a tour was not sent: %s", problem)
