"""Finds out whether the loaded model leads from the proactive intent to its action."""

from __future__ import annotations

import logging
from typing import Any
from weakref import WeakKeyDictionary

from rasa_autoplay.common.conversation.proactive import PROACTIVE_ACTION, PROACTIVE_ENTITY, PROACTIVE_INTENT
from rasa_autoplay.gateway.chat.injection import Conversation
from rasa_autoplay.gateway.chat.predictions import predict_next
from rasa_autoplay.gateway.chat.rasa_versions import takes_intents

__all__ = ["ModelRules"]

logger = logging.getLogger(__name__)


class ModelRules:
    """Asks each model once, by a prediction for an empty conversation.

    Rasa makes a new processor for each model that it loads. So a replaced model is asked again.
    """

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()

    async def lead_to_action(self, conversation: Conversation) -> bool:
        """Whether the domain has the intent, and the policies answer it with the action."""
        processor = conversation.agent.processor
        if processor not in self._known:
            self._known[processor] = await self._predicts_action(conversation)
        return self._known[processor]

    async def _predicts_action(self, conversation: Conversation) -> bool:
        domain = conversation.agent.domain
        if not takes_intents(conversation.agent.processor) or PROACTIVE_INTENT not in domain.intents:
            return False
        try:
            return await _next_action(conversation, domain) == PROACTIVE_ACTION
        except Exception as problem:  # policies of any kind, and models without any
            logger.warning(
                "The model cannot predict what follows %s (%s), so the copilot speaks without it.",
                PROACTIVE_INTENT,
                type(problem).__name__,
            )
            return False


async def _next_action(conversation: Conversation, domain: Any) -> str:
    """The action that the model predicts after the intent; empty if it predicts none."""
    rasa = conversation.rasa
    entities = [{"entity": PROACTIVE_ENTITY, "value": "a text"}]
    events = [
        rasa.action_executed("action_listen"),
        rasa.user_uttered.create_external(PROACTIVE_INTENT, entities),
    ]
    tracker = rasa.make_tracker("autoplay", events, slots=domain.slots, domain=domain)
    return (await predict_next(conversation.agent.processor, tracker)).action
