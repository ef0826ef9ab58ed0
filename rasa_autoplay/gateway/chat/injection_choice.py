"""Chooses, for each message, between the intent and the event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from rasa_autoplay.common.conversation.message_proofs import MessageProofs
from rasa_autoplay.gateway.chat.event_injection import EventInjection
from rasa_autoplay.gateway.chat.injection import BotMessage, Conversation, Injection
from rasa_autoplay.gateway.chat.intent_injection import IntentInjection
from rasa_autoplay.gateway.chat.model_rules import ModelRules

__all__ = ["INJECTIONS", "ChosenInjection"]


_Condition = Callable[[Conversation], Awaitable[bool]]


class ChosenInjection:
    """Uses the intent in conversations for which a condition holds, else the event.

    Args:
        may_use_intent: the condition.
        intent: says the message as a turn.
        event: says the message outside of the dialogue.
    """

    def __init__(self, may_use_intent: _Condition, intent: Injection, event: Injection) -> None:
        self._may_use_intent = may_use_intent
        self._intent = intent
        self._event = event

    async def say(self, conversation: Conversation, message: BotMessage) -> None:
        """Say the message in the way that suits the conversation."""
        chosen = self._intent if await self._may_use_intent(conversation) else self._event
        await chosen.say(conversation, message)


def _auto(proofs: MessageProofs) -> Injection:
    rules = ModelRules()

    async def model_answers(conversation: Conversation) -> bool:
        return conversation.is_undisturbed and await rules.lead_to_action(conversation)

    return ChosenInjection(model_answers, IntentInjection(proofs), EventInjection())


def _intent(proofs: MessageProofs) -> Injection:
    """Demand the intent, except where a turn would fill a form's slot or disturb a human."""

    async def is_undisturbed(conversation: Conversation) -> bool:
        return conversation.is_undisturbed

    return ChosenInjection(is_undisturbed, IntentInjection(proofs), EventInjection())


#: By the value of ``chat.say`` in ``credentials.yml``.
INJECTIONS: Mapping[str, Callable[[MessageProofs], Injection]] = {
    "auto": _auto,
    "intent": _intent,
    "event": lambda _proofs: EventInjection(),
}
