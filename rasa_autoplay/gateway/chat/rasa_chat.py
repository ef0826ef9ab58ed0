"""Chat bubbles: the bot speaks first, through Rasa itself, and the delivery is proven.

Rasa swallows what goes wrong here: an unknown intent becomes a fallback, an action server that is down
becomes a turn without a word, and a room without a socket takes messages that nobody sees. So each is
checked: the socket before, the bot's own words in the tracker after.

While a form asks its questions, a turn of ours would be taken for an answer. A conversation that a human
has taken over is paused: it has no turns. In both cases the bot speaks outside of the dialogue: its words
are sent and stand in the tracker, and nothing else of the conversation changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.conversation.proactive import PROACTIVE_ENTITY, PROACTIVE_INTENT
from rasa_autoplay.common.conversation.safe_links import without_unsafe_links
from rasa_autoplay.errors import ChatUndelivered

__all__ = [
    "RasaChat",
    "Utterance",
    "socket_channel",
    "socket_channels",
]

logger = logging.getLogger(__name__)

#: Rasa's own default looks once a second; that would make the fifth of five bubbles wait for four seconds.
_LOCK_POLL_S = 0.05

#: Makes Rasa's event of something that the bot says (``BotUttered``): this module does not import Rasa.
Utterance = Callable[[str], Any]


def socket_channels(app: Any) -> list[Any]:
    """The Socket.IO channels of the Rasa server, ours and stock ones."""
    channels = getattr(app.ctx, "input_channels", None) or []
    return [channel for channel in channels if getattr(channel, "sio", None) is not None]


def socket_channel(app: Any) -> Any | None:
    """The one in which the bot speaks; None when there is none."""
    return next(iter(socket_channels(app)), None)


class RasaChat:
    """Speaks in chat windows that are connected to this Rasa server.

    Args:
        app: Rasa's Sanic app; its agent and its channels are looked up at each use, because a model can be
            replaced while the server runs.
        proofs: let the action server know that a text is the copilot's.
        utterance: makes an event of what the bot says outside of the dialogue.
    """

    def __init__(self, app: Any, proofs: MessageProofs, utterance: Utterance) -> None:
        self._app = app
        self._proofs = proofs
        self._utterance = utterance

    def has_window(self, sender_id: str) -> bool:
        """Whether a chat window is connected here under this id."""
        channel = socket_channel(self._app)
        return channel is not None and _has_participants(channel, sender_id)

    async def say(self, sender_id: str, text: str) -> None:
        """Let the bot say something in one conversation.

        Args:
            sender_id: the chat widget's session id.
            text: what the bot says; of its links only those that are safe to click stay links.

        Raises:
            ChatUndelivered: it did not arrive; the message names the reason and the remedy.
        """
        text = without_unsafe_links(text)
        channel = self._connected_channel(sender_id)
        agent = self._ready_agent()
        proof = self._proofs.for_text(sender_id, text)
        try:
            said = await self._speak(agent, channel.get_output_channel(), sender_id, text, proof)
        except Exception as problem:  # Rasa raises of many kinds: locks, stores, policies, sockets
            logger.exception("Rasa failed at a proactive message.")
            raise ChatUndelivered(
                f"Rasa failed ({type(problem).__name__}).", remedy="The Rasa server's log says why."
            ) from None
        if text not in said:
            raise ChatUndelivered(
                "Rasa took the message, but the bot did not say it.",
                remedy='Is the action server up, with "from rasa_autoplay.actions import *" in its actions '
                f"module? Was the model trained with the rule {PROACTIVE_INTENT} → action_send_proactive? "
                "Are link.secret in credentials.yml and AUTOPLAY_LINK_SECRET of the action server the same?",
            )

    async def _speak(self, agent: Any, output: Any, sender_id: str, text: str, proof: str) -> list[str]:
        """Speak as the conversation allows; gives back what the bot said."""
        async with agent.lock_store.lock(sender_id, wait_time_in_seconds=_LOCK_POLL_S):
            # As it was left: a session that has expired would be begun anew, and a pause forgotten.
            tracker = await agent.processor.get_tracker(sender_id)
            if tracker.active_loop_name is None and not tracker.is_paused():
                return await _take_turn(agent, output, sender_id, text, proof)
            said = self._utterance(text)
            tracker.update(said, agent.domain)
            await agent.processor.execute_side_effects([said], tracker, output)
            await agent.processor.save_tracker(tracker)
            return [text]

    def _connected_channel(self, sender_id: str) -> Any:
        channel = socket_channel(self._app)
        if channel is None:
            raise ChatUndelivered(
                "The Rasa server has no Socket.IO channel.",
                remedy="Add rasa_autoplay.chat_channel.AutoplaySocketIOInput to credentials.yml.",
            )
        if not _has_participants(channel, sender_id):
            raise ChatUndelivered(
                "No chat window is connected under this sender_id.",
                remedy="sender_id is the chat widget's session id (chat_session.session_id), not the user's "
                "id; the channel needs session_persistence: true.",
            )
        return channel

    def _ready_agent(self) -> Any:
        agent = getattr(self._app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            raise ChatUndelivered("Rasa has no model loaded.", remedy='Run "rasa train", then start again.')
        if PROACTIVE_INTENT not in agent.domain.intents:
            raise ChatUndelivered(
                f"The model does not know the intent {PROACTIVE_INTENT}.",
                remedy="Add the intent, entity, slot, rule and action to the domain, and train again.",
            )
        return agent


async def _take_turn(agent: Any, output: Any, sender_id: str, text: str, proof: str) -> list[str]:
    """Let the rule take its turn; gives back what the bot said in it."""
    tracker = await agent.processor.fetch_tracker_and_update_session(sender_id, output)
    before = list(tracker.events)
    await agent.trigger_intent(
        intent_name=PROACTIVE_INTENT,
        entities=[{"entity": PROACTIVE_ENTITY, "value": text, PROOF_KEY: proof}],
        output_channel=output,
        tracker=tracker,
    )
    # By identity, not by position: a tracker can be bounded, and then the oldest make room.
    known = {id(event) for event in before}
    return [e.text for e in tracker.events if id(e) not in known and e.type_name == "bot" and e.text]


def _has_participants(channel: Any, sender_id: str) -> bool:
    try:
        participants = channel.sio.manager.get_participants(channel.namespace or "/", sender_id)
        return next(iter(participants), None) is not None
    except KeyError:  # nobody at all is connected
        return False
