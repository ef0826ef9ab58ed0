"""Every chat message passes through here on its way to Rasa, from whichever channel.

The message is signed for the user who sent it, so that actions can trust the user id. A user's text can never
become the intent and the entity that are reserved for the copilot.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.conversation.proactive import PROACTIVE_ENTITY, PROACTIVE_INTENT
from rasa_autoplay.common.identity.user_tokens import Caller
from rasa_autoplay.errors import IdentityRefused
from rasa_autoplay.gateway.access.identity_modes import Identity
from rasa_autoplay.gateway.chat.listener import as_metadata
from rasa_autoplay.gateway.chat.metadata import user_of

__all__ = ["Answerer", "MessageGateway", "speaking_as", "without_proactive"]

logger = logging.getLogger(__name__)

#: Rasa's name for a message that it did not understand; every domain has this intent.
_NOT_UNDERSTOOD = "nlu_fallback"

#: The caller of the socket whose message is being handled; None outside a guarded socket.
_speaker: ContextVar[Caller | None] = ContextVar("autoplay_speaker", default=None)


@contextmanager
def speaking_as(caller: Caller) -> Iterator[None]:
    """Attribute the messages that are handled in this context to the caller."""
    before = _speaker.set(caller)
    try:
        yield
    finally:
        _speaker.reset(before)


class Answerer(Protocol):
    """Answers some messages in Rasa's place."""

    async def answer(self, message: Any, user_id: str) -> bool:
        """Answer a message of a verified user; returns whether it did."""
        ...


class MessageGateway:
    """Signs messages.

    Args:
        identity: decides whether a message without a token is trusted.
        proofs: makes the signatures.
        answerers: those who may answer a message in Rasa's place, in this order.
    """

    def __init__(self, identity: Identity, proofs: MessageProofs, answerers: Sequence[Answerer] = ()) -> None:
        self._identity = identity
        self._proofs = proofs
        self._named_channels: set[str] = set()
        self._answerers = answerers

    async def handle(self, message: Any) -> bool:
        """Sign a message, and let the copilot answer what is addressed to it.

        Args:
            message: Rasa's ``UserMessage``.

        Returns:
            True if the message is answered; Rasa should not see it.
        """
        user_id = self.sign(message)
        for answerer in self._answerers:
            if await answerer.answer(message, user_id):
                return True
        return False

    def sign(self, message: Any) -> str:
        """Sign a message, or leave it unsigned if its user is not trusted.

        Args:
            message: Rasa's ``UserMessage``; a signature that its sender forged is removed.

        Returns:
            The user that it is signed for; empty for nobody.
        """
        if message.parse_data:
            message.parse_data = without_proactive(message.parse_data)
        # Rasa fails if the metadata is not an object, and then logs the whole conversation.
        said = as_metadata(message.metadata) or {}
        metadata = {key: value for key, value in said.items() if key != PROOF_KEY}
        user_id = self._user_of(message, metadata)
        if user_id:
            sender_id, message_id = str(message.sender_id), str(message.message_id)
            metadata[PROOF_KEY] = self._proofs.for_message(user_id, sender_id, message_id)
        message.metadata = metadata
        return user_id

    def _user_of(self, message: Any, metadata: Mapping[str, Any]) -> str:
        claimed = user_of(metadata) or str(message.sender_id)
        speaker = _speaker.get()
        if speaker is not None:
            return speaker.user_id or claimed
        try:
            return self._identity.caller("", claimed).user_id
        except IdentityRefused:
            self._warn_once(str(message.input_channel))
            return ""

    def _warn_once(self, channel: str) -> None:
        if channel not in self._named_channels:
            self._named_channels.add(channel)
            logger.warning(
                "Messages from the channel %r carry no user token, so the copilot uses no user data there.",
                channel,
            )


def without_proactive(parsed: Mapping[str, Any]) -> dict[str, Any]:
    """Remove the copilot's own intent and entity from what Rasa read in a user's text.

    Args:
        parsed: Rasa's parse data: ``intent``, ``entities``, ``intent_ranking``.
    """
    cleaned = dict(parsed)
    if _name_of(parsed.get("intent")) == PROACTIVE_INTENT:
        cleaned["intent"] = {"name": _NOT_UNDERSTOOD, "confidence": 1.0}
    ranking = parsed.get("intent_ranking")
    if ranking:
        # A bot that asks "did you mean …?" reads the ranking.
        others = [intent for intent in ranking if _name_of(intent) != PROACTIVE_INTENT]
        is_first = _name_of(ranking[0]) == PROACTIVE_INTENT
        cleaned["intent_ranking"] = [cleaned["intent"], *others] if is_first else others
    entities = parsed.get("entities")
    if entities:
        cleaned["entities"] = [entity for entity in entities if entity.get("entity") != PROACTIVE_ENTITY]
    return cleaned


def _name_of(intent: Any) -> str:
    return str(intent.get("name") or "") if isinstance(intent, Mapping) else ""
