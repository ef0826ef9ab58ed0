"""Puts a bot message into a conversation as an event, as Rasa's own HTTP API does.

The tracker gets a ``BotUttered`` and nothing else. No policy predicts anything, so a model needs no training
for it, and the bot's own stories continue as if nothing had been said. A form and a pause stay as they are.
"""

from __future__ import annotations

from typing import Any

from rasa_autoplay.gateway.chat.injection import BotMessage, Conversation
from rasa_autoplay.gateway.chat.rasa_versions import send_event

__all__ = ["EventInjection"]


class EventInjection:
    """Says a message outside of the dialogue."""

    async def say(self, conversation: Conversation, message: BotMessage) -> None:
        """Send the message, and save it in the tracker."""
        data = {"buttons": [message.button.as_rasa()]} if message.button else None
        await self.record(conversation, conversation.rasa.bot_uttered(message.text, data))

    async def answer(self, conversation: Conversation, message: Any, answer: BotMessage) -> None:
        """Record a user's message, and answer it, without a turn of the bot.

        Policies predict from what was said before each action. No action follows, so they see neither.

        Args:
            conversation: the conversation.
            message: Rasa's ``UserMessage``.
            answer: what the bot says.
        """
        parsed = message.parse_data or {}
        asked = conversation.rasa.user_uttered(
            message.text,
            parsed.get("intent"),
            parsed.get("entities"),
            message.parse_data,
            input_channel=message.input_channel,
            message_id=message.message_id,
            metadata=message.metadata,
        )
        conversation.tracker.update(asked, conversation.agent.domain)
        await self.say(conversation, answer)

    async def record(self, conversation: Conversation, event: Any) -> None:
        """Add an event to the tracker, let Rasa act on it, and save."""
        processor = conversation.agent.processor
        conversation.tracker.update(event, conversation.agent.domain)
        await send_event(processor, event, conversation.tracker, conversation.output)
        await processor.save_tracker(conversation.tracker)
