"""One browser's connection to the chat."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.common.identity.user_tokens import Caller

__all__ = ["ChatSocket"]

logger = logging.getLogger(__name__)

#: A browser that was told to go has so long to do so by itself.
_FAREWELL_S = 1.0
#: No further notice is said to a socket within this time.
_NOTICE_INTERVAL_S = 10.0
_ENVIRON_KEY = "rasa_autoplay.gateway.chat.socket"


@dataclass(eq=False)
class ChatSocket:
    """One engine.io session.

    Args:
        eio_sid: the server's own name for it.
        address: the browser's.
        server: the Socket.IO channel that it belongs to.
        transport: its websocket's connection; None while it polls.
        caller: whom it speaks for; None until it has shown that.
        session_id: the chat session that it is in.
        timer: ends it.
        has_sent: whether a packet has come from it.
        noticed_at: when a notice was last said to it, ``time.monotonic()``.
    """

    eio_sid: str
    address: str
    server: Any
    transport: Any = None
    caller: Caller | None = None
    session_id: str = ""
    timer: asyncio.TimerHandle | None = None
    has_sent: bool = False
    noticed_at: float = -math.inf

    @property
    def is_verified(self) -> bool:
        """Whether it speaks for a user who has proved it."""
        return self.caller is not None and bool(self.caller.user_id)

    @property
    def speaker_key(self) -> str:
        """Whose messages are counted together: the user's, or the socket's where it speaks for nobody."""
        if self.caller is not None and self.caller.user_id:
            return f"user {self.caller.user_id}"
        return f"socket {self.eio_sid}"

    def put_into(self, environ: dict[str, Any]) -> None:
        """Bind it to its connection, where nothing that the browser sends can take it out."""
        environ[_ENVIRON_KEY] = self

    @staticmethod
    def of_environ(environ: object) -> ChatSocket | None:
        """The socket of a connection."""
        socket = environ.get(_ENVIRON_KEY) if isinstance(environ, dict) else None
        return socket if isinstance(socket, ChatSocket) else None

    async def say(self, text: str) -> None:
        """Say something in the bot's name, to this socket only, and not too often."""
        now = time.monotonic()
        if now - self.noticed_at < _NOTICE_INTERVAL_S:
            return
        self.noticed_at = now
        channel = self.server
        namespace = channel.namespace or "/"
        sid = channel.sio.manager.sid_from_eio_sid(self.eio_sid, namespace)
        if sid is not None:
            await channel.sio.emit(channel.bot_message_evt, {"text": text}, room=sid, namespace=namespace)

    async def bid_farewell(self) -> None:
        """Tell the browser to go, then cut it off."""
        engine = self.server.sio.eio
        connection = engine.sockets.get(self.eio_sid)
        try:
            if connection is not None:
                # Not waited for: a browser that does not poll would never be told.
                await connection.close(wait=False)
        except Exception as problem:  # python-engineio's, of a connection that is half gone
            logger.debug("A chat socket could not be closed politely: %s", type(problem).__name__)
        engine.sockets.pop(self.eio_sid, None)
        if self.transport is not None:
            await asyncio.sleep(_FAREWELL_S)
            self.transport.close()
