"""Lets the bot speak first, through Rasa itself, and verifies that its text arrived.

A room without a socket accepts messages that nobody sees, so the chat window is checked first. How a message
gets into the conversation is the injection's business.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from rasa_autoplay.common.conversation.markdown_lists import with_lists_apart
from rasa_autoplay.common.conversation.safe_links import without_unsafe_links
from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.errors import ChatUndelivered
from rasa_autoplay.gateway.chat.event_injection import EventInjection
from rasa_autoplay.gateway.chat.forecasts import Forecast, forecast
from rasa_autoplay.gateway.chat.injection import BotMessage, Conversation, Injection
from rasa_autoplay.gateway.chat.missed_answers import has_participants
from rasa_autoplay.gateway.chat.offered_tours import OfferedTours
from rasa_autoplay.gateway.chat.open_talks import OpenTalks
from rasa_autoplay.gateway.chat.rasa_server import RasaServer
from rasa_autoplay.gateway.chat.rasa_versions import may_start_session

__all__ = ["RasaChat"]

logger = logging.getLogger(__name__)

#: Rasa polls its lock once a second by default; the fifth of five bubbles would wait for four seconds.
_LOCK_POLL_S = 0.05


class RasaChat:
    """Speaks in chat windows that are connected to this Rasa server.

    Args:
        server: the Rasa server.
        injection: puts what the bot says first into the conversation.
    """

    def __init__(self, server: RasaServer, injection: Injection) -> None:
        self._server = server
        self._injection = injection
        self._event = EventInjection()
        #: The tours that the bot's explanations offer.
        self.offered = OfferedTours(time.monotonic)
        #: The conversations that the copilot has opened.
        self.talks = OpenTalks(time.monotonic)

    def has_window(self, sender_id: str) -> bool:
        """Whether a chat window with this id is connected to this server."""
        channel = self._server.chat_channel()
        return channel is not None and has_participants(channel, sender_id)

    async def is_undisturbed(self, sender_id: str) -> bool:
        """Whether no form asks its questions in a conversation, and no human has taken it over."""
        try:
            async with self._locked(sender_id, None) as conversation:
                return conversation.is_undisturbed
        except ChatUndelivered:
            return False

    async def say(self, sender_id: str, text: str, button: TourButton | None = None) -> None:
        """Let the bot say a text in one conversation.

        Args:
            sender_id: the chat widget's session id.
            text: what the bot says; links that are not safe to click become plain text.
            button: a button under the text; None for none.

        Raises:
            ChatUndelivered: it did not arrive; the message names the reason and the remedy.
        """
        output = self._connected_channel(sender_id).get_output_channel()
        async with self._locked(sender_id, output) as conversation:
            await self._injection.say(conversation, _message(text, button))
        if button is not None:
            self.offered.offer(sender_id, button.tour_id)

    async def forecast(self, message: Any) -> Forecast | None:
        """What the bot itself would make of a user's message; None if the bot must handle it in any case."""
        try:
            async with self._locked(str(message.sender_id), None) as conversation:
                return await forecast(conversation, message)
        except ChatUndelivered:
            return None

    async def answer(self, message: Any, text: str, button: TourButton | None = None) -> None:
        """Answer a user's message in Rasa's place, and save both in the tracker.

        While a form is active or a human has taken over, the tracker gets the answer only.

        Args:
            message: Rasa's ``UserMessage``.
            text: the answer.
            button: a button under the answer; None for none.

        Raises:
            ChatUndelivered: it did not arrive.
        """
        answer = _message(text, button)
        async with self._locked(str(message.sender_id), message.output_channel) as conversation:
            if conversation.is_undisturbed:
                await self._event.answer(conversation, message, answer)
            else:
                await self._event.say(conversation, answer)
        if button is not None:
            self.offered.offer(str(message.sender_id), button.tour_id)

    @asynccontextmanager
    async def _locked(self, sender_id: str, output: Any) -> AsyncIterator[Conversation]:
        """Hold a conversation's lock; with an output, its session is started or restarted if needed.

        Raises:
            ChatUndelivered: for whatever Rasa's locks, stores, policies and sockets raise.
        """
        agent, rasa = self._ready_agent(), self._server.classes
        try:
            async with agent.lock_store.lock(sender_id, wait_time_in_seconds=_LOCK_POLL_S):
                processor = agent.processor
                conversation = Conversation(agent, rasa, output, await processor.get_tracker(sender_id))
                if output is not None and conversation.is_undisturbed and may_start_session(processor):
                    # Not during a form or a pause, which the start of a session would end.
                    tracker = await processor.fetch_tracker_and_update_session(sender_id, output)
                    conversation = Conversation(agent, rasa, output, tracker)
                yield conversation
        except ChatUndelivered:
            raise
        except Exception as problem:
            logger.error("Rasa failed to handle a proactive message.", exc_info=problem)
            raise ChatUndelivered(
                f"Rasa failed ({type(problem).__name__}).", remedy="The Rasa server's log says why."
            ) from None

    def _connected_channel(self, sender_id: str) -> Any:
        channel = self._server.chat_channel()
        if channel is None:
            raise ChatUndelivered(
                "The Rasa server has no Socket.IO channel.",
                remedy="Add rasa_autoplay.chat_channel.AutoplaySocketIOInput to credentials.yml.",
            )
        if not has_participants(channel, sender_id):
            raise ChatUndelivered(
                "No chat window is connected with this sender_id.",
                remedy="Use the chat widget's session id (chat_session.session_id) as sender_id, not the "
                "user's id. The channel needs session_persistence: true.",
            )
        return channel

    def _ready_agent(self) -> Any:
        agent = self._server.agent
        if agent is None or not agent.is_ready():
            raise ChatUndelivered("Rasa has no model loaded.", remedy='Run "rasa train", then start again.')
        return agent


def _message(text: str, button: TourButton | None) -> BotMessage:
    return BotMessage(with_lists_apart(without_unsafe_links(text)), button)
