"""Binds each chat session to the user who opened it, in our socket channel and in Rasa's stock one.

Rasa lets any socket use any session id, and believes the user id in the browser's metadata. With this guard,
a socket speaks for the user of its token, and a session id belongs to the first user who used it.
"""

from __future__ import annotations

import inspect
import logging
import time
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
from rasa_autoplay.gateway.chat.missed_answers import MissedAnswers
from rasa_autoplay.gateway.chat.rasa_versions import socketio_server
from rasa_autoplay.gateway.chat.rate_limits import ChatRates
from rasa_autoplay.gateway.chat.session_owners import SessionOwners
from rasa_autoplay.gateway.chat.socket import ChatSocket
from rasa_autoplay.gateway.chat.sockets import ChatSockets, TooManySockets

__all__ = ["ChatGuard"]

logger = logging.getLogger(__name__)

_Handler = Callable[..., Awaitable[Any]]


class ChatGuard:
    """Checks what browsers send before the socket channel's own handlers see it.

    Args:
        identity: decides which user a socket speaks for.
        owners: remembers the owners of chat sessions.
        sockets: the open sockets and their callers.
        rates: limits how often a user may write or ask for a session.
    """

    def __init__(
        self, identity: Identity, owners: SessionOwners, sockets: ChatSockets, rates: ChatRates
    ) -> None:
        self._identity = identity
        self._owners = owners
        self._sockets = sockets
        self._rates = rates
        self._missed = MissedAnswers(time.monotonic)

    async def check(self, caller: Caller, session_id: str) -> None:
        """Check that the caller may use a chat session.

        Raises:
            IdentityRefused: it belongs to another user, or its owner is unknown now.
        """
        self._identity.check_owner(caller, await self._owners.owner_of(session_id))

    def watch(self, channel: Any) -> None:
        """Wrap the channel's handlers with this guard.

        Args:
            channel: a Socket.IO channel whose blueprint was made.
        """
        self._sockets.watch(channel)
        self._missed.watch(channel)
        handlers: dict[str, _Handler] = socketio_server(channel).handlers.get(channel.namespace or "/", {})
        for event, guarded in (
            ("connect", self._connect),
            ("disconnect", self._disconnect),
            ("session_request", self._session_request),
            (channel.user_message_evt, self._user_message),
        ):
            if event in handlers:
                handlers[event] = _wrapped(guarded, handlers[event], channel)

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
        """Confirm the session id that a window asks for; if it belongs to another user, give it a new one."""
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
        confirmed = await handler(sid, {**data, "session_id": session_id})
        for missed in self._missed.take(session_id):
            await _emit_bot_message(channel, sid, missed)
        return confirmed

    async def _user_message(
        self, handler: _Handler, channel: Any, sid: str, data: Any = None, *_more: Any
    ) -> Any:
        """Pass on a user's message, unless it is for a session that belongs to another user.

        Returns:
            What the browser's acknowledgement says: the reason if the message was refused.
        """
        socket, caller = self._speaker(channel, sid)
        if socket is None or caller is None or not isinstance(data, dict):
            return None
        if not self._rates.may_write(socket.speaker_key):
            await socket.send_notice(self._sockets.sentences_for(socket).too_often)
            return {"refused": "too_often"}
        # Rasa accepts any value as the sender's name.
        session_id = str(data.get("session_id") or "")
        if channel.session_persistence and not (
            is_id(session_id) and await self._may_use(caller, session_id)
        ):
            logger.warning("A chat message was refused: its session id is invalid or another user's.")
            return {"refused": "session"}
        if caller.user_id:
            data = {**data, channel.metadata_key: _with_user(data.get(channel.metadata_key), caller.user_id)}
        with speaking_as(caller):
            return await handler(sid, data)

    def _speaker(self, channel: Any, sid: str) -> tuple[ChatSocket | None, Caller | None]:
        """The socket and its caller; both None once the caller's token has expired."""
        socket = self._sockets.of(channel, sid)
        is_current = socket is not None and self._sockets.is_current(socket)
        return (socket, socket.caller) if socket is not None and is_current else (None, None)

    async def _may_use(self, caller: Caller, session_id: str) -> bool:
        """Whether the caller owns the session. A session without an owner becomes the caller's."""
        try:
            if caller.user_id:
                self._identity.check_owner(caller, await self._owners.claim(session_id, caller.user_id))
            else:
                await self.check(caller, session_id)
        except IdentityRefused:
            return False
        return True


def _wrapped(guarded: _Handler, handler: _Handler, channel: Any) -> _Handler:
    async def handle(*args: Any) -> Any:
        return await guarded(handler, channel, *args)

    return handle


async def _emit_bot_message(channel: Any, sid: str, data: Any) -> None:
    namespace = channel.namespace or "/"
    await socketio_server(channel).emit(channel.bot_message_evt, data, room=sid, namespace=namespace)


async def _leave_room(channel: Any, sid: str, room: str) -> None:
    """Leave the previous chat session: a socket is in one at a time."""
    left = socketio_server(channel).leave_room(sid, room, namespace=channel.namespace or "/")
    if inspect.isawaitable(left):  # in newer versions of python-socketio
        await left


def _token_of(environ: Mapping[str, Any], auth: Any) -> str:
    """The handshake's ``auth.token``, or ``?token=`` for widgets that can set only the URL."""
    token = auth.get("token") if isinstance(auth, Mapping) else None
    if isinstance(token, str) and token:
        return token
    return parse_qs(str(environ.get("QUERY_STRING", ""))).get("token", [""])[0]


def _with_user(metadata: Any, user_id: str) -> dict[str, Any]:
    """The metadata, in which the token's user replaces the one that the browser named."""
    known = dict(as_metadata(metadata) or {})
    custom = known.get("customData")
    if isinstance(custom, Mapping):
        known["customData"] = {**custom, "userId": user_id}
    return {**known, "userId": user_id}
