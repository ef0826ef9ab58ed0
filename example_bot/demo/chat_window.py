"""A chat window: a real Socket.IO client, like the chat widget."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import socketio
from socketio.exceptions import SocketIOError

from example_bot.demo.options import NOT_RUNNING, DemoFailed

__all__ = ["Bubble", "ChatWindow"]

_CONFIRM_S = 10.0


@dataclass(frozen=True)
class Bubble:
    """A bot message.

    Args:
        text: the received text.
        at: the time of arrival on the monotonic clock.
    """

    text: str
    at: float


class ChatWindow:
    """Connects and requests its session like the widget when it loads.

    Args:
        rasa_url: the Rasa server.
        session_id: the widget's session id, which Open chat calls ``sender_id``.
        user_id: the window's user.
    """

    def __init__(self, rasa_url: str, session_id: str, user_id: str) -> None:
        self._url = rasa_url
        self.session_id = session_id
        self._user_id = user_id
        self._bubbles: asyncio.Queue[Bubble] = asyncio.Queue()
        self._confirmed = asyncio.Event()
        # Its own handling of Ctrl-C would replace ours.
        self._client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        self._client.on("session_confirm", self._on_confirm)
        self._client.on("bot_uttered", self._on_bot_uttered)

    async def _on_confirm(self, _session_id: Any) -> None:
        self._confirmed.set()

    async def _on_bot_uttered(self, message: dict[str, Any]) -> None:
        self._bubbles.put_nowait(Bubble(str(message.get("text") or ""), time.perf_counter()))

    async def __aenter__(self) -> ChatWindow:
        try:
            await self._client.connect(self._url, transports=["websocket"])
            await self._client.emit("session_request", {"session_id": self.session_id})
            await asyncio.wait_for(self._confirmed.wait(), _CONFIRM_S)
        except (SocketIOError, asyncio.TimeoutError, OSError) as problem:
            await self._client.disconnect()
            reason = str(problem) or "the chat session was not confirmed"
            raise DemoFailed(f"No chat at {self._url}: {reason}.", remedy=NOT_RUNNING) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.disconnect()

    async def bubble(self, timeout_s: float | None = None) -> Bubble:
        """Return the next bot message.

        Raises:
            DemoFailed: none arrived in time.
        """
        try:
            return await asyncio.wait_for(self._bubbles.get(), timeout_s)
        except asyncio.TimeoutError:
            raise DemoFailed(f"the bot said nothing within {timeout_s:.0f} s") from None

    async def say(self, text: str) -> None:
        """Send a message to the bot."""
        message = {"message": text, "session_id": self.session_id, "customData": {"userId": self._user_id}}
        await self._client.emit("user_uttered", message)

    async def closed(self) -> None:
        """Wait until the server has disconnected."""
        await self._client.wait()
