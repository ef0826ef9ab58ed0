"""Puts a bot message into a conversation through the intent ``EXTERNAL_proactive`` and its rule.

The message is a turn of the bot, so stories and policies can continue from it. The model must be trained for
it. Rasa hides failures: an unknown intent becomes a fallback, and a stopped action server a turn without
text. So the bot's text must be in the tracker afterwards.
"""

from __future__ import annotations

from typing import Any

from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.conversation.proactive import PROACTIVE_ACTION, PROACTIVE_ENTITY, PROACTIVE_INTENT
from rasa_autoplay.errors import ChatUndelivered
from rasa_autoplay.gateway.chat.injection import BotMessage, Conversation
from rasa_autoplay.gateway.chat.rasa_versions import takes_intents

__all__ = ["IntentInjection"]


class IntentInjection:
    """Says a message as a turn.

    Args:
        proofs: signs the texts, so that the action server knows that they are the copilot's.
    """

    def __init__(self, proofs: MessageProofs) -> None:
        self._proofs = proofs

    async def say(self, conversation: Conversation, message: BotMessage) -> None:
        """Trigger the intent, and check that the bot has said the message.

        Raises:
            ChatUndelivered: the model lacks the intent, or the bot did not say it.
        """
        agent, tracker = conversation.agent, conversation.tracker
        if not takes_intents(agent.processor):
            raise ChatUndelivered(
                "The model has flows or skills, and ignores intents.",
                remedy="Write chat: {say: auto} in credentials.yml.",
            )
        if PROACTIVE_INTENT not in agent.domain.intents:
            raise ChatUndelivered(
                f"The model does not know the intent {PROACTIVE_INTENT}.",
                remedy="Write chat: {say: auto} in credentials.yml, or add the intent, entity, slot, "
                "rule and action (rasa-autoplay init --with-intent) and train again.",
            )
        known = {id(event) for event in tracker.events}
        await agent.trigger_intent(
            intent_name=PROACTIVE_INTENT,
            entities=[self._entity(tracker.sender_id, message)],
            output_channel=conversation.output,
            tracker=tracker,
        )
        # By identity, not by position: a bounded tracker drops its oldest events.
        new = (event for event in tracker.events if id(event) not in known)
        if not any(event.type_name == "bot" and event.text == message.text for event in new):
            raise ChatUndelivered(
                "Rasa accepted the message, but the bot did not say it.",
                remedy='Is the action server up, with "from rasa_autoplay.actions import *" in its actions '
                f"module? Was the model trained with the rule {PROACTIVE_INTENT} → {PROACTIVE_ACTION}? "
                "Is link.secret in credentials.yml the same as AUTOPLAY_LINK_SECRET of the action server?",
            )

    def _entity(self, sender_id: str, message: BotMessage) -> dict[str, Any]:
        payload = message.button.payload if message.button else ""
        proof = self._proofs.for_text(sender_id, message.text, payload)
        entity: dict[str, Any] = {"entity": PROACTIVE_ENTITY, "value": message.text, PROOF_KEY: proof}
        return entity | (message.button.as_entity() if message.button else {})
