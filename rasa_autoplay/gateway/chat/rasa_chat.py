"""Lets the bot speak first, through Rasa itself, and verifies that its text arrived.

Rasa hides failures: an unknown intent becomes a fallback, a stopped action server becomes a turn without
text, and a room without a socket accepts messages that nobody sees. So the socket is checked before, and the
bot's text in the tracker afterwards.

An active form would treat our turn as an answer to its question, and a conversation that a human agent has
taken over is paused. In both cases the bot speaks outside the dialogue: its text is sent and recorded in the
tracker, and nothing else of the conversation changes.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from rasa_autoplay.common.conversation.markdown_lists import with_lists_apart
from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.conversation.proactive import PROACTIVE_ENTITY, PROACTIVE_INTENT
from rasa_autoplay.common.conversation.safe_links import without_unsafe_links
from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.errors import ChatUndelivered
from rasa_autoplay.gateway.chat.offered_tours import OfferedTours
from rasa_autoplay.gateway.chat.rasa_server import RasaServer
from rasa_autoplay.gateway.chat.rasa_versions import is_paused, send_event, socketio_server

__all__ = ["RasaChat"]

logger = logging.getLogger(__name__)

#: Rasa polls its lock once a second by default; the fifth of five bubbles would wait for four seconds.
_LOCK_POLL_S = 0.05


class RasaChat:
    """Speaks in chat windows that are connected to this Rasa server.

    Args:
        server: the Rasa server.
        proofs: signs the texts, so that the action server knows that they are the copilot's.
    """

    def __init__(self, server: RasaServer, proofs: MessageProofs) -> None:
        self._server = server
        self._proofs = proofs
        #: The tours that the bot's explanations offer.
        self.offered = OfferedTours(time.monotonic)

    def has_window(self, sender_id: str) -> bool:
        """Whether a chat window with this id is connected to this server."""
        channel = self._server.chat_channel()
        return channel is not None and _has_participants(channel, sender_id)

    async def may_take_turn(self, sender_id: str) -> bool:
        """Whether a turn disturbs nothing: no form asks its questions, and no human has taken over.

        Args:
            sender_id: the chat widget's session id.
        """
        try:
            agent = self._ready_agent()
        except ChatUndelivered:
            return False
        async with agent.lock_store.lock(sender_id, wait_time_in_seconds=_LOCK_POLL_S):
            return _may_take_turn(await agent.processor.get_tracker(sender_id))

    async def say_aside(self, sender_id: str, text: str) -> None:
        """Let the bot say something outside of the dialogue.

        Args:
            sender_id: the chat widget's session id.
            text: what the bot says.

        Raises:
            ChatUndelivered: it did not arrive.
        """
        text = with_lists_apart(without_unsafe_links(text))
        output = self._connected_channel(sender_id).get_output_channel()
        agent = self._ready_agent()
        try:
            async with agent.lock_store.lock(sender_id, wait_time_in_seconds=_LOCK_POLL_S):
                tracker = await agent.processor.get_tracker(sender_id)
                await self._utter(agent, output, tracker, text, None)
        except Exception as problem:
            raise _failure(problem) from None

    async def say(self, sender_id: str, text: str, button: TourButton | None = None) -> None:
        """Let the bot say a text in one conversation.

        Args:
            sender_id: the chat widget's session id.
            text: what the bot says; links that are not safe to click become plain text.
            button: a button under the text; None for none.

        Raises:
            ChatUndelivered: it did not arrive; the message names the reason and the remedy.
        """
        text = with_lists_apart(without_unsafe_links(text))
        channel = self._connected_channel(sender_id)
        agent = self._ready_agent()
        proof = self._proofs.for_text(sender_id, text, button.payload if button else "")
        entity: dict[str, Any] = {"entity": PROACTIVE_ENTITY, "value": text, PROOF_KEY: proof}
        if button is not None:
            entity.update(button.as_entity())
        try:
            said = await self._speak(agent, channel.get_output_channel(), sender_id, entity, button)
        except Exception as problem:
            raise _failure(problem) from None
        if text not in said:
            raise ChatUndelivered(
                "Rasa accepted the message, but the bot did not say it.",
                remedy='Is the action server up, with "from rasa_autoplay.actions import *" in its actions '
                f"module? Was the model trained with the rule {PROACTIVE_INTENT} → action_send_proactive? "
                "Is link.secret in credentials.yml the same as AUTOPLAY_LINK_SECRET of the action server?",
            )
        if button is not None:
            self.offered.offer(sender_id, button.tour_id)

    async def _speak(
        self, agent: Any, output: Any, sender_id: str, entity: dict[str, Any], button: TourButton | None
    ) -> list[str]:
        """Speak within or outside the dialogue, as its state allows; returns the bot's texts."""
        async with agent.lock_store.lock(sender_id, wait_time_in_seconds=_LOCK_POLL_S):
            # Not fetch_tracker_and_update_session(), which would restart an expired session and end a pause.
            tracker = await agent.processor.get_tracker(sender_id)
            if _may_take_turn(tracker):
                return await _trigger_rule(agent, output, sender_id, entity)
            await self._utter(agent, output, tracker, entity["value"], button)
            return [entity["value"]]

    async def _utter(
        self, agent: Any, output: Any, tracker: Any, text: str, button: TourButton | None
    ) -> None:
        """Send and record the bot's words, without a turn."""
        said = self._server.utterance(text, {"buttons": [button.as_rasa()]} if button else None)
        tracker.update(said, agent.domain)
        await send_event(agent.processor, said, tracker, output)
        await agent.processor.save_tracker(tracker)

    def _connected_channel(self, sender_id: str) -> Any:
        channel = self._server.chat_channel()
        if channel is None:
            raise ChatUndelivered(
                "The Rasa server has no Socket.IO channel.",
                remedy="Add rasa_autoplay.chat_channel.AutoplaySocketIOInput to credentials.yml.",
            )
        if not _has_participants(channel, sender_id):
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
        if PROACTIVE_INTENT not in agent.domain.intents:
            raise ChatUndelivered(
                f"The model does not know the intent {PROACTIVE_INTENT}.",
                remedy="Add the intent, entity, slot, rule and action to the domain, and train again.",
            )
        return agent


def _may_take_turn(tracker: Any) -> bool:
    return tracker.active_loop_name is None and not is_paused(tracker)


def _failure(problem: Exception) -> ChatUndelivered:
    """The error for whatever Rasa's locks, stores, policies and sockets raise."""
    logger.error("Rasa failed to handle a proactive message.", exc_info=problem)
    return ChatUndelivered(
        f"Rasa failed ({type(problem).__name__}).", remedy="The Rasa server's log says why."
    )


async def _trigger_rule(agent: Any, output: Any, sender_id: str, entity: dict[str, Any]) -> list[str]:
    """Trigger the rule that says the text; returns the bot's texts of this turn."""
    tracker = await agent.processor.fetch_tracker_and_update_session(sender_id, output)
    before = list(tracker.events)
    await agent.trigger_intent(
        intent_name=PROACTIVE_INTENT,
        entities=[entity],
        output_channel=output,
        tracker=tracker,
    )
    # By identity, not by position: a bounded tracker drops its oldest events.
    known = {id(event) for event in before}
    return [e.text for e in tracker.events if id(e) not in known and e.type_name == "bot" and e.text]


def _has_participants(channel: Any, sender_id: str) -> bool:
    try:
        participants = socketio_server(channel).manager.get_participants(channel.namespace or "/", sender_id)
        return next(iter(participants), None) is not None
    except KeyError:  # no socket at all is connected
        return False
