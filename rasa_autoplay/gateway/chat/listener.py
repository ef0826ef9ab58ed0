"""Notices when a user writes in the chat, in our socket channel or in Rasa's stock one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from rasa_autoplay.gateway.chat.rasa_server import socket_channel
from rasa_autoplay.gateway.chat.rasa_versions import NOT_WRITTEN, socketio_server

__all__ = ["MAX_MESSAGE", "UserWrote", "as_metadata", "listen_to_chat", "notify"]

logger = logging.getLogger(__name__)

#: Longer messages are cut, in characters: Rasa's pipeline blocks the event loop for seconds per megabyte.
MAX_MESSAGE = 4_000

#: Called with the sender id and the message's metadata.
UserWrote = Callable[[str, "Mapping[str, Any] | None"], None]
_SocketHandler = Callable[..., Awaitable[Any]]


def listen_to_chat(app: Any, user_wrote: UserWrote) -> None:
    """Call a function for every message that arrives through the socket channel.

    Args:
        app: Rasa's Sanic app, started.
        user_wrote: called before Rasa answers.
    """
    channel = socket_channel(app)
    if channel is None:
        logger.warning(
            "credentials.yml has no Socket.IO channel, so the bot cannot open conversations. Add "
            "rasa_autoplay.chat_channel.AutoplaySocketIOInput with session_persistence: true."
        )
        return
    if not channel.session_persistence:
        logger.warning(
            "The Socket.IO channel has session_persistence: false, so the bot cannot open conversations in "
            "chat windows. Set session_persistence: true."
        )
    if hasattr(channel, "on_user_message"):
        channel.on_user_message(user_wrote)
    else:
        _wrap_stock_handler(channel, user_wrote)


def _wrap_stock_handler(channel: Any, user_wrote: UserWrote) -> None:
    namespace = channel.namespace or "/"
    handlers = socketio_server(channel).handlers.get(namespace, {})
    stock: _SocketHandler | None = handlers.get(channel.user_message_evt)
    if stock is None:
        logger.warning("The Socket.IO channel has no handler for %r.", channel.user_message_evt)
        return

    async def handle(sid: str, data: Any) -> Any:
        if not isinstance(data, dict) or not data.get("message"):
            return None  # a widget that reconnects sends an empty message
        if isinstance(data["message"], str):
            data = {**data, "message": data["message"][:MAX_MESSAGE]}
        sender_id = str(data.get("session_id") or sid) if channel.session_persistence else sid
        if data["message"] not in NOT_WRITTEN:
            notify(user_wrote, sender_id, as_metadata(data.get(channel.metadata_key)))
        return await stock(sid, data)

    handlers[channel.user_message_evt] = handle


def notify(user_wrote: UserWrote, sender_id: str, metadata: Mapping[str, Any] | None) -> None:
    """Call the listener; if it fails, the bot must still answer the user."""
    try:
        user_wrote(sender_id, metadata)
    except Exception:
        logger.exception("The copilot could not record a chat message; the bot still answers it.")


def as_metadata(value: Any) -> Mapping[str, Any] | None:
    """Read a widget's metadata, which is an object or its JSON text; None for anything else."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return None
    return value if isinstance(value, Mapping) else None
