"""Learns that the user writes in the chat, from our socket channel or from Rasa's stock one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from rasa_autoplay.gateway.chat.rasa_chat import socket_channel

__all__ = ["MAX_MESSAGE", "UserWrote", "as_metadata", "listen_to_chat", "tell"]

logger = logging.getLogger(__name__)

#: More characters of a message are not read. Rasa's pipeline takes seconds for a megabyte, on the event loop.
MAX_MESSAGE = 4_000

#: Takes the sender id and the message's metadata.
UserWrote = Callable[[str, "Mapping[str, Any] | None"], None]
_SocketHandler = Callable[..., Awaitable[Any]]


def listen_to_chat(app: Any, user_wrote: UserWrote) -> None:
    """Hear every message that comes in through the socket channel.

    Args:
        app: Rasa's Sanic app, started.
        user_wrote: called before Rasa answers.
    """
    channel = socket_channel(app)
    if channel is None:
        logger.warning(
            "credentials.yml has no Socket.IO channel, so that the bot cannot open a conversation. Add "
            "rasa_autoplay.chat_channel.AutoplaySocketIOInput with session_persistence: true."
        )
        return
    if not channel.session_persistence:
        logger.warning(
            "The Socket.IO channel has session_persistence: false: a chat window is then known by its socket "
            "only, and the bot cannot open a conversation in it. Set session_persistence: true."
        )
    if hasattr(channel, "on_user_message"):
        channel.on_user_message(user_wrote)
    else:
        _wrap_stock_handler(channel, user_wrote)


def _wrap_stock_handler(channel: Any, user_wrote: UserWrote) -> None:
    namespace = channel.namespace or "/"
    handlers = channel.sio.handlers.get(namespace, {})
    stock: _SocketHandler | None = handlers.get(channel.user_message_evt)
    if stock is None:
        logger.warning("The Socket.IO channel has no handler for %r.", channel.user_message_evt)
        return

    async def hear(sid: str, data: Any) -> Any:
        if not isinstance(data, dict) or not data.get("message"):
            return None  # a widget that reconnects sends an empty message: nobody asked anything
        if isinstance(data["message"], str):
            data = {**data, "message": data["message"][:MAX_MESSAGE]}
        sender_id = str(data.get("session_id") or sid) if channel.session_persistence else sid
        tell(user_wrote, sender_id, as_metadata(data.get(channel.metadata_key)))
        return await stock(sid, data)

    handlers[channel.user_message_evt] = hear


def tell(user_wrote: UserWrote, sender_id: str, metadata: Mapping[str, Any] | None) -> None:
    """Tell that the user wrote; a listener's mistake must not cost the user the bot's answer."""
    try:
        user_wrote(sender_id, metadata)
    except Exception:
        logger.exception("Taking note of a chat message failed; the bot answers it all the same.")


def as_metadata(value: Any) -> Mapping[str, Any] | None:
    """What a widget sends as metadata: an object, or its JSON text."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return None
    return value if isinstance(value, Mapping) else None
