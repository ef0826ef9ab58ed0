"""Foresees what the bot itself would make of a user's message, without changing the conversation."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.common.conversation.proactive import COPILOT_ACTIONS
from rasa_autoplay.gateway.chat.injection import Conversation
from rasa_autoplay.gateway.chat.predictions import predict_next
from rasa_autoplay.gateway.chat.rasa_versions import takes_intents

__all__ = ["Forecast", "forecast"]

#: Rasa's actions for a message that the bot does not expect or does not understand.
_HELPLESS = frozenset({"action_unlikely_intent", "action_default_fallback", "action_listen", ""})
_NOT_UNDERSTOOD = "nlu_fallback"
#: Rules and memorised stories predict with a confidence of 1; learning policies with less.
_CERTAIN = 0.999


@dataclass(frozen=True)
class Forecast:
    """What the bot would make of a message.

    Args:
        confidence: how sure the model is of the message's intent, from 0 to 1; 0 if it did not understand.
        action: the action that it would run next; empty for none.
        is_certain: whether a rule or a story of the bot leads to that action.
    """

    confidence: float
    action: str
    is_certain: bool

    @property
    def asks_copilot(self) -> bool:
        """Whether the bot itself would run one of the copilot's actions."""
        return self.action in COPILOT_ACTIONS

    @property
    def is_expected(self) -> bool:
        """Whether the message continues a story or rule of the bot."""
        return self.is_certain and self.action not in _HELPLESS


async def forecast(conversation: Conversation, message: Any) -> Forecast | None:
    """Let the model read a message and predict the next action on a copy of the conversation.

    Args:
        conversation: the conversation.
        message: Rasa's ``UserMessage``; it keeps what the model has read, so that Rasa reads it only once.

    Returns:
        None if the bot must handle the message itself: a form asks its questions, a human has taken over, or
        the assistant has no intents (Rasa Pro).
    """
    processor, rasa = conversation.agent.processor, conversation.rasa
    if not (takes_intents(processor) and conversation.is_undisturbed):
        return None
    if not message.parse_data:
        message.parse_data = await processor.parse_message(message, conversation.tracker)
    parsed = message.parse_data
    intent = parsed.get("intent") or {}
    tracker = conversation.tracker.copy()
    said = rasa.user_uttered(
        message.text, intent, parsed.get("entities"), parsed, timestamp=time.time(), metadata=message.metadata
    )
    tracker.update(said, conversation.agent.domain)
    prediction = await predict_next(processor, tracker)
    is_understood = intent.get("name") not in (None, _NOT_UNDERSTOOD)
    return Forecast(
        float(intent.get("confidence") or 0.0) if is_understood else 0.0,
        prediction.action,
        prediction.score >= _CERTAIN,
    )
