"""The contract: puts one bot message into a conversation whose lock is held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.gateway.chat.rasa_versions import is_paused

__all__ = ["BotMessage", "Conversation", "Injection", "RasaClasses"]


class RasaClasses(NamedTuple):
    """Rasa's own classes, which only ``channel.py`` imports.

    Args:
        bot_uttered: the event of a bot message.
        user_uttered: the event of a user's message.
        action_executed: the event of an action.
        make_tracker: makes a tracker of a sender id, events and slots.
    """

    bot_uttered: Callable[..., Any]
    user_uttered: Any
    action_executed: Callable[..., Any]
    make_tracker: Callable[..., Any]


@dataclass(frozen=True)
class BotMessage:
    """What the bot says.

    Args:
        text: links that are not safe to click have been removed.
        button: a button under the text; None for none.
    """

    text: str
    button: TourButton | None = None


@dataclass(frozen=True)
class Conversation:
    """One conversation, while its lock is held.

    Args:
        agent: Rasa's agent with its model.
        rasa: Rasa's classes.
        output: the channel that shows bot messages.
        tracker: the conversation so far.
    """

    agent: Any
    rasa: RasaClasses
    output: Any
    tracker: Any

    @property
    def is_undisturbed(self) -> bool:
        """Whether a turn interrupts nothing: no form asks its questions, and no human has taken over."""
        return self.tracker.active_loop_name is None and not is_paused(self.tracker)


class Injection(Protocol):
    """A way to put a bot message into a conversation."""

    async def say(self, conversation: Conversation, message: BotMessage) -> None:
        """Send the message, and save it in the tracker.

        Raises:
            ChatUndelivered: it did not arrive.
        """
        ...
