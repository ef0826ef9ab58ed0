"""Goes on with a conversation that the copilot has opened, as far as the bot itself has nothing to say.

The models of most bots know neither the "yes" to our question nor the questions that follow it, and would
answer something unrelated. So for a while after the copilot has spoken, a "yes" gets the explanation, then
its steps one by one, and a question gets the golden path that answers it. A form, a human, an intent that the
model is sure of, and a story that waits for the answer go first.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_autoplay.common.conversation.show_me import TourButton, means_yes
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable
from rasa_autoplay.gateway.chat.open_talks import OpenTalks, Talk
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.link.answers import FollowUpText
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.requests import AnswerQuestion, ExplainNextStep

__all__ = ["Continuations"]

logger = logging.getLogger(__name__)

#: The engine gives the language model 8 s by default.
_WAIT_S = 15.0
_NOTHING = FollowUpText("", "none")


class Continuations:
    """Answers messages in conversations that the copilot has opened.

    Args:
        link: asks the engine for the answers.
        chat: foresees what the bot would do, and answers.
        talks: the opened conversations.
        bot_confidence: how sure the model must be of an intent to answer itself, from 0 to 1.
    """

    def __init__(self, link: Link, chat: RasaChat, talks: OpenTalks, bot_confidence: float) -> None:
        self._link = link
        self._chat = chat
        self._talks = talks
        self._bot_confidence = bot_confidence

    async def answer(self, message: Any, user_id: str) -> bool:
        """Answer a message, unless the bot itself should.

        Args:
            message: Rasa's ``UserMessage``.
            user_id: the verified author; empty if unknown.

        Returns:
            True if the message is answered; Rasa should not see it.
        """
        text = str(message.text or "").strip()
        talk = self._talks.current(str(message.sender_id))
        if talk is None or not user_id or not text or text.startswith("/"):
            return False
        # Like Rasa, handle the messages of one conversation one after another.
        async with talk.lock:
            answer = await self._answer_to(message, text, talk)
            if answer.text:
                await self._say(message, answer)
                self._talks.said(talk)
        return bool(answer.text)

    async def _answer_to(self, message: Any, text: str, talk: Talk) -> FollowUpText:
        """The copilot's answer; empty if the bot itself should answer."""
        is_yes, talk.awaits_yes = talk.awaits_yes and means_yes(text), False
        foreseen = await self._chat.forecast(message)
        if foreseen is None:
            return _NOTHING
        is_sure = foreseen.confidence >= self._bot_confidence
        try:
            if is_yes:
                return _NOTHING if is_sure and foreseen.is_expected else await self._explain(talk)
            if is_sure or foreseen.asks_copilot:
                return _NOTHING
            return await self._link.ask(AnswerQuestion(talk.asked.user_id, text), timeout_s=_WAIT_S)
        except (EngineRefused, EngineUnreachable, asyncio.TimeoutError) as problem:
            logger.warning("The copilot could not go on with a conversation, so the bot answers: %s", problem)
            return _NOTHING

    async def _explain(self, talk: Talk) -> FollowUpText:
        """The explanation of the offer if it is still to come, else the next of its steps."""
        asked = talk.asked
        if not talk.is_explained:
            explanation = await self._link.ask(asked, timeout_s=_WAIT_S)
            talk.is_explained = True
            return explanation
        step = ExplainNextStep(asked.user_id, asked.trigger_id, asked.offer_id, talk.step)
        found = await self._link.ask(step, timeout_s=_WAIT_S)
        talk.step = found.step or talk.step
        return FollowUpText(found.text, "steps")

    async def _say(self, message: Any, answer: FollowUpText) -> None:
        button = TourButton(answer.button, answer.tour_id) if answer.tour_id else None
        try:
            await self._chat.answer(message, answer.text, button)
        except ChatUndelivered as problem:
            logger.warning("The copilot's answer to a chat message was not sent: %s", problem)
