"""Binds each chat session to the user who opened it, in our socket channel and in Rasa's stock one.

Rasa lets any socket take up any session id, and believes what the browser says of itself in the metadata.
Here a socket speaks for the user of its token, and a session id belongs to the user who was first to use it.
"""

from __future__ import annotations

import inspect
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from socketio.exceptions import ConnectionRefusedError as SocketRefused

from rasa_autoplay.common.identity.ids import is_id
from rasa_autoplay.common.identity.user_tokens import Caller
from rasa_autoplay.errors import IdentityRefused
from rasa_autoplay.gateway.access.identity_modes import Identity
from rasa_autoplay.gateway.chat.listener import as_metadata
from rasa_autoplay.gateway.chat.message_gateway import speaking_as
from rasa_autoplay.gateway.chat.rate_limits import ChatRates
from rasa_autoplay.gateway.chat.session_owners import SessionOwners
from rasa_autoplay.gateway.chat.socket import ChatSocket
from rasa_autoplay.gateway.chat.sockets import ChatSockets, TooManySockets

__all__ = ["ChatGuard"]

logger = logging.getLogger(__name__)

_TOO_OFTEN = "You're writing faster than I can answer. Give me a few seconds, then try again."
_Handler = Callable[..., Awaitable[Any]]


class ChatGuard:
    """Stands between the browsers and the socket channel's own handlers.

    Args:
        identity: how strictly tokens are asked for.
        owners: remember whose chat sessions are.
        sockets: know whom each socket speaks for.
        rates: how often a user may write, and ask for a session.
    """

    def __init__(
        self, identity: Identity, owners: SessionOwners, sockets: ChatSockets, rates: ChatRates
    ) -> None:
        self._identity = identity
        self._owners = owners
        self._sockets = sockets
        self._rates = rates

    async def check(self, caller: Caller, session_id: str) -> None:
        """Whether the caller may speak in that chat session.

        Raises:
            IdentityRefused: it is another user's, or nobody can tell now whose it is.
        """
        self._identity.check_owner(caller, await self._owners.owner_of(session_id))

    def watch(self, channel: Any) -> None:
        """Put this guard before the channel's handlers.

        Args:
            channel: a Socket.IO channel whose blueprint was made.
        """
        self._sockets.watch(channel)
        handlers: dict[str, _Handler] = channel.sio.handlers.get(channel.namespace or "/", {})
        for event, guarded in (
            ("connect", self._connect),
            ("disconnect", self._disconnect),
            ("session_request", self._session_request),
            (channel.user_message_evt, self._user_message),
        ):
            if event in handlers:
                handlers[event] = _before(guarded, handlers[event], channel)

    async def _connect(
        self, handler: _Handler, _channel: Any, sid: str, environ: Mapping[str, Any], auth: Any = None
    ) -> Any:
        socket = ChatSocket.of_environ(environ)
        if socket is None:
            raise SocketRefused("the connection is unknown")
        try:
            caller = self._identity.caller(_token_of(environ, auth), "")
            self._sockets.admit_caller(socket, caller)
        except (IdentityRefused, TooManySockets) as refusal:
            raise SocketRefused(str(refusal)) from None
        answer = await handler(sid, environ, auth)
        if answer is False:
            self._sockets.dismiss_caller(socket)
        return answer

    async def _disconnect(self, handler: _Handler, channel: Any, sid: str, *reason: Any) -> Any:
        socket = self._sockets.of(channel, sid)
        if socket is not None:
            self._sockets.dismiss_caller(socket)
        return await handler(sid, *reason)

    async def _session_request(
        self, handler: _Handler, channel: Any, sid: str, data: Any = None, *_more: Any
    ) -> Any:
        """Somebody else's session id is not confirmed: the window gets a fresh one."""
        socket, caller = self._speaker(channel, sid)
        if socket is None or caller is None:
            return None
        data = data if isinstance(data, dict) else {}
        asked = data.get("session_id")
        session_id = asked if isinstance(asked, str) and is_id(asked) else uuid.uuid4().hex
        if not self._rates.may_open_session(socket.speaker_key):
            return None
        if not await self._may_use(caller, session_id):
            session_id = uuid.uuid4().hex
            await self._owners.claim_new(session_id, caller.user_id)
        if socket.session_id not in ("", session_id):
            await _leave_room(channel, sid, socket.session_id)
        socket.session_id = session_id
        return await handler(sid, {**data, "session_id": session_id})

    async def _user_message(
        self, handler: _Handler, channel: Any, sid: str, data: Any = None, *_more: Any
    ) -> Any:
        """What is written in somebody else's session goes nowhere."""
        socket, caller = self._speaker(channel, sid)
        if socket is None or caller is None or not isinstance(data, dict):
            return None
        if not self._rates.may_write(socket.speaker_key):
            await socket.say(_TOO_OFTEN)
            return None
        # Rasa takes whatever it is given for a sender's name.
        session_id = str(data.get("session_id") or "")
        if channel.session_persistence and not (
            is_id(session_id) and await self._may_use(caller, session_id)
        ):
            logger.warning("A chat message for what is no session, or another user's, was refused.")
            return None
        if caller.user_id:
            data = {**data, channel.metadata_key: _signed(data.get(channel.metadata_key), caller.user_id)}
        with speaking_as(caller):
            return await handler(sid, data)

    def _speaker(self, channel: Any, sid: str) -> tuple[ChatSocket | None, Caller | None]:
        """The socket, and whom it speaks for now; nobody once its token has expired."""
        socket = self._sockets.of(channel, sid)
        is_current = socket is not None and self._sockets.is_current(socket)
        return (socket, socket.caller) if socket is not None and is_current else (None, None)

    async def _may_use(self, caller: Caller, session_id: str) -> bool:
        """Whether the session is the caller's; one that is nobody's becomes theirs."""
        try:
            if caller.user_id:
                self._identity.check_owner(caller, await self._owners.claim(session_id, caller.user_id))
            else:
                await self.check(caller, session_id)
        except IdentityRefused:
            return False
        return True


def _before(guarded: _Handler, handler: _Handler, channel: Any) -> _Handler:
    async def handle(*args: Any) -> Any:
        return await guarded(handler, channel, *args)

    return handle


async def _leave_room(channel: Any, sid: str, room: str) -> None:
    """A socket is in one chat session at a time."""
    left = channel.sio.leave_room(sid, room, namespace=channel.namespace or "/")
    if inspect.isawaitable(left):  # in newer versions of python-socketio
        await left


def _token_of(environ: Mapping[str, Any], auth: Any) -> str:
    """The handshake's ``auth.token``; or ``?token=``, for widgets that pass on nothing but a URL."""
    token = auth.get("token") if isinstance(auth, Mapping) else None
    if isinstance(token, str) and token:
        return token
    return parse_qs(str(environ.get("QUERY_STRING", ""))).get("token", [""])[0]


def _signed(metadata: Any, user_id: str) -> dict[str, Any]:
    """The metadata with the user whom the token speaks for, whatever the browser said."""
    known = dict(as_metadata(metadata) or {})
    custom = known.get("customData")
    if isinstance(custom, Mapping):
        known["customData"] = {**custom, "userId": user_id}
    return {**known, "userId": user_id}
