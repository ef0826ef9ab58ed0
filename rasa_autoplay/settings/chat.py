"""The section ``chat`` of the channel: how the copilot speaks."""

from __future__ import annotations

from typing import Literal

from rasa_autoplay.settings.models import Field, Settings

__all__ = ["ChatSettings"]


class ChatSettings(Settings):
    """How the copilot speaks in the chat.

    Args:
        say: ``intent``: as a turn of the bot, for which the model is trained. ``event``: outside of the
            dialogue, without training. ``auto``: by intent if the model knows it and no form is active and no
            human has taken over, else by event.
        bot_confidence: how sure the model must be of one of the bot's intents to handle a message itself,
            after the copilot has opened the conversation. Below, the copilot answers "yes" and questions that
            a golden path answers. 0: the bot handles all messages.
    """

    say: Literal["auto", "intent", "event"] = "auto"
    bot_confidence: float = Field(default=0.9, ge=0, le=1)
