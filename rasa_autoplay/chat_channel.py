"""The chat channel: ``rasa_autoplay.chat_channel.AutoplaySocketIOInput`` in ``credentials.yml``.

It extends Rasa's own socket channel. It works with current versions of python-socketio, whose ``enter_room``
is a coroutine that Rasa 3.6 never awaits; it ignores empty messages, which a widget sends when it reconnects;
and it notifies listeners when the user writes.
"""

from __future__ import annotations

import inspect
import sys
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.socketio import SocketIOInput
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.response import text

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.gateway.chat.listener import MAX_MESSAGE, UserWrote, notify
from rasa_autoplay.gateway.chat.rasa_versions import NOT_WRITTEN, socketio_server
from rasa_autoplay.settings.credentials_file import find_credentials_file, reject_two_chat_channels

__all__ = ["AutoplaySocketIOInput"]


class AutoplaySocketIOInput(SocketIOInput):  # type: ignore[misc] # rasa has no types
    """Rasa's ``socketio`` channel under its own name and with its own options."""

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> AutoplaySocketIOInput:
        """Read the channel's section.

        Raises:
            RasaException: Rasa's own ``socketio`` is in ``credentials.yml`` too.
        """
        try:
            reject_two_chat_channels(find_credentials_file(sys.argv[1:]))
        except ConfigError as problem:
            raise RasaException(str(problem)) from None
        channel: AutoplaySocketIOInput = super().from_credentials(credentials)
        return channel

    def on_user_message(self, user_wrote: UserWrote) -> None:
        """Call ``user_wrote`` for every message before Rasa answers it."""
        self._listeners().append(user_wrote)

    def _listeners(self) -> list[UserWrote]:
        # Rasa's class method creates the channel without calling a constructor of this class.
        listeners: list[UserWrote] = self.__dict__.setdefault("_user_wrote", [])
        return listeners

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return Rasa's blueprint with this class's message and session handlers."""

        async def handle_message(message: UserMessage) -> Any:
            if not message.text:
                return None
            message.text = message.text[:MAX_MESSAGE]
            if message.text not in NOT_WRITTEN:
                for user_wrote in self._listeners():
                    notify(user_wrote, message.sender_id, message.metadata)
            return await on_new_message(message)

        blueprint = super().blueprint(handle_message)
        server = socketio_server(self)
        server.on("session_request", namespace=self.namespace)(self._confirm_session)
        _let_websockets_end(server.eio)
        return blueprint

    async def _confirm_session(self, sid: str, data: Any) -> None:
        requested = data.get("session_id") if isinstance(data, dict) else None
        session_id = requested if isinstance(requested, str) and requested else uuid.uuid4().hex
        server = socketio_server(self)
        if self.session_persistence:
            entered = server.enter_room(sid, session_id, namespace=self.namespace)
            if inspect.isawaitable(entered):
                await entered
        await server.emit("session_confirm", session_id, room=sid, namespace=self.namespace)


def _let_websockets_end(engine: Any) -> None:
    """Keep Sanic from logging a traceback for every chat window that closes.

    Sanic expects an HTTP response from every handler that is not marked as a websocket, and engine.io's
    handler serves both. Older versions of engine.io fail if a window without websockets sends two requests
    at once, of which one ends its session.
    """
    handle_request = engine.handle_request

    async def handle(*args: Any, **kwargs: Any) -> Any:
        try:
            return await handle_request(*args, **kwargs)
        except KeyError:
            return text("the session is disconnected", status=400)

    handle.is_websocket = True  # type: ignore[attr-defined]
    engine.handle_request = handle
