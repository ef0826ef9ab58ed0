"""Limits the chat's sockets: their number, their lifetime, and what they may send.

A socket is one engine.io session, over polling or websocket. It must soon show a caller, can do nothing else
until then, and ends when its caller's token expires.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from rasa_autoplay.common.identity.user_tokens import Caller
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.common.sentences.sentences import Sentences, sentences_in
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.gateway.access.request_limits import RateLimited, RequestLimits, is_here
from rasa_autoplay.gateway.chat.log import TracesOncePerKind
from rasa_autoplay.gateway.chat.packets import RefusedPacket, event_of
from rasa_autoplay.gateway.chat.rasa_versions import socketio_server
from rasa_autoplay.gateway.chat.rate_limits import ChatRates
from rasa_autoplay.gateway.chat.socket import ChatSocket
from rasa_autoplay.settings.rate_limits import RateLimitSettings

__all__ = ["ChatSockets", "LanguagesOf", "TooManySockets"]

#: Returns the languages of a user's page, best first; empty if they are unknown.
LanguagesOf = Callable[[str], Sequence[str]]


class TooManySockets(AutoplayError):
    """The user has too many chat windows open."""


class ChatSockets:
    """Admits sockets, checks their packets, and ends them.

    Args:
        limits: the settings of ``credentials.yml``.
        chat_rates: the rate limits of sockets.
        rates: the rate limits of addresses.
        clock: epoch seconds.
        languages_of: the languages of users' pages.
    """

    def __init__(
        self,
        limits: RateLimitSettings,
        chat_rates: ChatRates,
        rates: RequestLimits,
        clock: Callable[[], float] = time.time,
        languages_of: LanguagesOf = lambda _user_id: (),
    ) -> None:
        self._limits = limits
        self._chat_rates = chat_rates
        self._rates = rates
        self._clock = clock
        self._languages_of = languages_of
        self._sockets: dict[str, ChatSocket] = {}
        #: Sockets without a caller, the oldest first.
        self._waiting: dict[str, ChatSocket] = {}
        #: Sockets without a verified user, by address.
        self._of_address: Counter[str] = Counter()
        self._of_user: Counter[str] = Counter()
        self._closing: set[asyncio.Task[None]] = set()
        #: Refused sockets and packets, and ended sockets, by reason.
        self.refused: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._sockets)

    def health(self) -> dict[str, Any]:
        """Counts."""
        return {
            "open": len(self),
            "waiting": len(self._waiting),
            "refused": dict(self.refused),
            "rate_limited": self._chat_rates.health(),
        }

    def watch(self, channel: Any) -> None:
        """Wrap python-socketio's own handlers.

        Args:
            channel: a Socket.IO channel whose blueprint was made.
        """
        engine = socketio_server(channel).eio
        logging.getLogger("engineio.server").addFilter(TracesOncePerKind())
        connect, message, disconnect = (
            engine.handlers[event] for event in ("connect", "message", "disconnect")
        )

        async def admit(eio_sid: str, environ: dict[str, Any]) -> Any:
            refusal = self._admit(eio_sid, environ, channel)
            return refusal or await connect(eio_sid, environ)

        async def receive(eio_sid: str, data: Any) -> Any:
            socket = self._sockets.get(eio_sid)
            if socket is not None and await self._accepts(socket, data):
                return await message(eio_sid, data)
            return None

        async def leave(eio_sid: str, *reason: Any) -> Any:
            self._forget(eio_sid)
            return await disconnect(eio_sid, *reason)

        for event, handler in (("connect", admit), ("message", receive), ("disconnect", leave)):
            engine.on(event, handler)

    async def record_upgrade(self, request: Any) -> None:
        """Record the connection of a socket that upgrades to a websocket; a request middleware."""
        if "upgrade" in request.headers:
            socket = self._sockets.get(request.args.get("sid") or "")
            if socket is not None:
                socket.transport = request.transport

    def of(self, channel: Any, sid: str) -> ChatSocket | None:
        """The socket that a Socket.IO handler was called for; None if it is gone."""
        server = socketio_server(channel)
        return ChatSocket.of_environ(server.get_environ(sid, channel.namespace or "/"))

    def admit_caller(self, socket: ChatSocket, caller: Caller) -> None:
        """Let a socket speak for a caller until the caller's token expires.

        Raises:
            TooManySockets: the user has too many sockets.
        """
        if caller.user_id and self._of_user[caller.user_id] >= self._limits.max_chat_sockets_per_user:
            self.refused["by_user"] += 1
            raise TooManySockets("this user has too many chat windows open")
        self._waiting.pop(socket.eio_sid, None)
        socket.caller = caller
        if caller.user_id:
            self._of_user[caller.user_id] += 1
            _subtract(self._of_address, socket.address)
        self._end_in(socket, caller.until - self._clock(), "token_expired")

    def dismiss_caller(self, socket: ChatSocket) -> None:
        """Remove a socket's caller, because the socket has left the namespace."""
        if self._release_caller(socket) and socket.eio_sid in self._sockets:
            self._wait_for_caller(socket)

    def sentences_for(self, socket: ChatSocket) -> Sentences:
        """The bot's own sentences in the language of a socket's user."""
        return sentences_in(self._languages_of(socket.caller.user_id) if socket.caller else ())

    def is_current(self, socket: ChatSocket) -> bool:
        """Whether a socket has a caller whose token is still valid."""
        return socket.caller is not None and self._clock() < socket.caller.until

    async def stop(self) -> None:
        """Forget all sockets and cancel their timers, because the server stops."""
        for eio_sid in list(self._sockets):
            self._forget(eio_sid)
        await end_tasks(list(self._closing))

    def _admit(self, eio_sid: str, environ: dict[str, Any], channel: Any) -> str:
        """Admit a new socket; returns the reason if it is refused."""
        request = environ.get("sanic.request")
        address = str(getattr(request, "remote_addr", "") or getattr(request, "ip", "") or "")
        if len(self._sockets) >= self._limits.max_chat_sockets:
            self.refused["by_total"] += 1
            return "the server has as many chat windows as it can hold"
        if not is_here(address) and self._of_address[address] >= self._limits.max_chat_sockets_per_address:
            self.refused["by_address"] += 1
            return "this address has too many chat windows open"
        socket = ChatSocket(eio_sid, address, channel)
        if "HTTP_UPGRADE" in environ:
            socket.transport = getattr(request, "transport", None)
        socket.attach_to(environ)
        self._sockets[eio_sid] = socket
        self._of_address[address] += 1
        self._wait_for_caller(socket)
        return ""

    def _wait_for_caller(self, socket: ChatSocket) -> None:
        self._waiting[socket.eio_sid] = socket
        self._end_in(socket, self._limits.chat_token_timeout, "no_caller")
        if len(self._waiting) > self._limits.max_waiting_chat_sockets:
            # A widget shows its caller within a round trip, so the oldest socket is the least likely to.
            self._end(next(iter(self._waiting.values())), "crowded_out")

    async def _accepts(self, socket: ChatSocket, data: Any) -> bool:
        if not self._may_send(socket):
            return False
        if isinstance(data, (str, bytes)) and len(data) > self._limits.max_chat_message_bytes:
            self.refused["too_long"] += 1
            await socket.send_notice(self.sentences_for(socket).too_long)
            return False
        channel = socket.server
        try:
            event = event_of(socketio_server(channel).packet_class, data, channel.namespace or "/")
        except RefusedPacket as refusal:
            self._end(socket, str(refusal))
            return False
        if event and not self.is_current(socket):
            self.refused["before_caller"] += 1
            return False
        return True

    def _may_send(self, socket: ChatSocket) -> bool:
        """Whether the rate limits of the socket and of its address allow this packet."""
        # The first packet can carry a token: a user can sign in, whatever others send from the same address.
        is_first, socket.has_sent = not socket.has_sent, True
        try:
            self._rates.check_address(socket.address, lambda: socket.is_verified or is_first)
        except RateLimited:
            return False
        return self._chat_rates.may_send(socket.eio_sid)

    def _end_in(self, socket: ChatSocket, delay_s: float, reason: str) -> None:
        if socket.timer is not None:
            socket.timer.cancel()
            socket.timer = None
        if delay_s < math.inf:
            loop = asyncio.get_running_loop()
            socket.timer = loop.call_later(max(delay_s, 0.0), self._end, socket, reason)

    def _end(self, socket: ChatSocket, reason: str) -> None:
        """Ignore the socket from now on, and close its connection."""
        if self._forget(socket.eio_sid) is None:
            return
        self.refused[reason] += 1
        closing = asyncio.get_running_loop().create_task(socket.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _forget(self, eio_sid: str) -> ChatSocket | None:
        socket = self._sockets.pop(eio_sid, None)
        if socket is None:
            return None
        self._waiting.pop(eio_sid, None)
        if socket.timer is not None:
            socket.timer.cancel()
        self._release_caller(socket)
        _subtract(self._of_address, socket.address)
        return socket

    def _release_caller(self, socket: ChatSocket) -> bool:
        caller, socket.caller = socket.caller, None
        if caller is not None and caller.user_id:
            _subtract(self._of_user, caller.user_id)
            self._of_address[socket.address] += 1
        return caller is not None


def _subtract(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]
