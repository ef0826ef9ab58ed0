"""One browser's connection to the chat."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.common.identity.user_tokens import Caller
from rasa_autoplay.gateway.chat.rasa_versions import socketio_server

__all__ = ["ChatSocket"]

logger = logging.getLogger(__name__)

#: How long a browser has to close its connection before the server cuts it.
_CLOSE_GRACE_S = 1.0
#: The shortest time between two notices to one socket.
_NOTICE_INTERVAL_S = 10.0
_ENVIRON_KEY = "rasa_autoplay.gateway.chat.socket"


@dataclass(eq=False)
class ChatSocket:
    """One engine.io session.

    Args:
        eio_sid: engine.io's id of the session.
        address: the browser's address.
        server: the Socket.IO channel that it belongs to.
        transport: the websocket's connection; None while it polls.
        caller: the user whom it speaks for; None until it has shown a token.
        session_id: the chat session that it is in.
        timer: ends the socket.
        has_sent: whether it has sent a packet.
        last_notice_at: when it last got a notice, ``time.monotonic()`` seconds.
    """

    eio_sid: str
    address: str
    server: Any
    transport: Any = None
    caller: Caller | None = None
    session_id: str = ""
    timer: asyncio.TimerHandle | None = None
    has_sent: bool = False
    last_notice_at: float = -math.inf

    @property
    def is_verified(self) -> bool:
        """Whether it speaks for a verified user."""
        return self.caller is not None and bool(self.caller.user_id)

    @property
    def speaker_key(self) -> str:
        """The key of its rate limits: the user, or the socket itself if it speaks for nobody."""
        if self.caller is not None and self.caller.user_id:
            return f"user {self.caller.user_id}"
        return f"socket {self.eio_sid}"

    def attach_to(self, environ: dict[str, Any]) -> None:
        """Store it in its connection's environment, which the browser cannot change."""
        environ[_ENVIRON_KEY] = self

    @staticmethod
    def of_environ(environ: object) -> ChatSocket | None:
        """The socket of a connection; None if there is none."""
        socket = environ.get(_ENVIRON_KEY) if isinstance(environ, dict) else None
        return socket if isinstance(socket, ChatSocket) else None

    async def send_notice(self, text: str) -> None:
        """Send a message from the bot to this socket only; at most one in ten seconds."""
        now = time.monotonic()
        if now - self.last_notice_at < _NOTICE_INTERVAL_S:
            return
        self.last_notice_at = now
        channel = self.server
        namespace = channel.namespace or "/"
        server = socketio_server(channel)
        sid = server.manager.sid_from_eio_sid(self.eio_sid, namespace)
        if sid is not None:
            await server.emit(channel.bot_message_evt, {"text": text}, room=sid, namespace=namespace)

    async def close(self) -> None:
        """Ask the browser to close the connection, then cut it."""
        engine = socketio_server(self.server).eio
        connection = engine.sockets.get(self.eio_sid)
        try:
            if connection is not None:
                # With wait=True this would never return for a browser that does not poll.
                await connection.close(wait=False)
        except Exception as problem:  # python-engineio raises for connections that are half closed
            logger.debug("A chat socket could not be closed cleanly: %s", type(problem).__name__)
        engine.sockets.pop(self.eio_sid, None)
        if self.transport is not None:
            await asyncio.sleep(_CLOSE_GRACE_S)
            self.transport.close()
