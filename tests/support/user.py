"""One user of the host app: their toast feed, chat window, actions and clicks."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import socketio

from example_bot.recording import Recorded
from rasa_autoplay.common.identity.user_tokens import mint_token
from support.background import PATIENCE_S, eventually
from support.pair import Pair
from support.stories import batch, story_of_user

__all__ = ["Bubble", "ChatWindow", "Feed", "Toast", "User"]


@dataclass(frozen=True)
class Toast:
    """An event of the feed.

    Args:
        id: the SSE id.
        event: the SSE event name.
        data: the parsed data.
        at: the time of arrival, ``time.time()``.
    """

    id: str
    event: str
    data: dict[str, Any]
    at: float


class Feed:
    """A browser's toast feed: like an EventSource, it reconnects with the last id when the stream ends.

    Args:
        pair: the servers.
        user_id: the feed's user.
        last_event_id: the last event that this browser received; empty for none.
        sign: returns the headers of the signed-in user, for each connection anew.
    """

    def __init__(
        self,
        pair: Pair,
        user_id: str,
        last_event_id: str = "",
        sign: Callable[[], dict[str, str]] = dict,
    ) -> None:
        self._pair = pair
        self._sign = sign
        self._url = f"{pair.base}/proactive/stream/{user_id}"
        self.last_event_id = last_event_id
        #: Every received event.
        self.toasts: list[Toast] = []
        self._taken = 0
        #: The number of connections so far.
        self.connections = 0
        self.is_open = False

    async def follow(self) -> None:
        """Read until cancelled."""
        while True:
            with suppress(aiohttp.ClientError, OSError):
                await self._read()
            self.is_open = False
            await asyncio.sleep(0.2)

    async def _read(self) -> None:
        headers = {"Last-Event-ID": self.last_event_id} if self.last_event_id else {}
        headers |= self._sign()
        async with self._pair.http.get(
            self._url, headers=headers, timeout=aiohttp.ClientTimeout(total=None, sock_read=PATIENCE_S)
        ) as response:
            assert response.status == 200, f"the feed answers {response.status}"
            assert response.content_type == "text/event-stream"
            fields: dict[str, str] = {}
            async for raw in response.content:
                if not self.is_open:
                    self.is_open, self.connections = True, self.connections + 1
                line = raw.decode().rstrip("\r\n")
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
                    continue
                self._dispatch(fields)
                fields = {}

    def _dispatch(self, fields: Mapping[str, str]) -> None:
        if "data" not in fields:
            return
        self.last_event_id = fields.get("id", self.last_event_id)
        toast = Toast(
            fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]), time.time()
        )
        self.toasts.append(toast)

    async def toast(self) -> Toast:
        """Return the next toast."""
        await eventually(lambda: len(self.toasts) > self._taken, what=f"a toast at {self._url}")
        self._taken += 1
        return self.toasts[self._taken - 1]

    async def stays_silent(self, for_s: float = 1.0) -> None:
        """Check that no event arrives."""
        await asyncio.sleep(for_s)
        unexpected = self.toasts[self._taken :]
        assert not unexpected, f"nothing was to come, but: {unexpected}"

    async def reopened(self, after: int) -> None:
        """Wait until the feed has been opened more than ``after`` times."""
        await eventually(
            lambda: self.is_open and self.connections > after,
            what="the feed is open again",
        )


@dataclass(frozen=True)
class Bubble:
    """A bot message, and when it was received (``time.monotonic()``)."""

    text: str
    at: float
    #: Title and payload of each button.
    buttons: dict[str, str] = field(default_factory=dict)


@dataclass
class ChatWindow:
    """A chat widget, connected by a real Socket.IO client.

    Args:
        sender_id: its session id.
        user_id: the user id that it sends.
        token: the user's token; empty if none is required.
    """

    sender_id: str
    user_id: str
    token: str = ""
    bubbles: list[Bubble] = field(default_factory=list)
    _taken: int = 0
    _socket: Any = None

    async def connect(self, origin: str) -> None:
        """Connect and wait until the session is confirmed."""
        confirmed = asyncio.get_running_loop().create_future()
        self._socket = socketio.AsyncClient(reconnection=False)

        async def confirm(session_id: str) -> None:
            confirmed.set_result(session_id)

        async def hear(message: Mapping[str, Any]) -> None:
            buttons = {each["title"]: each["payload"] for each in message.get("quick_replies") or []}
            self.bubbles.append(Bubble(str(message.get("text")), time.monotonic(), buttons))

        self._socket.on("session_confirm", confirm)
        self._socket.on("bot_uttered", hear)
        auth = {"token": self.token} if self.token else None
        await self._socket.connect(origin, auth=auth, socketio_path="/socket.io", transports=["websocket"])
        await self._socket.emit("session_request", {"session_id": self.sender_id})
        assert await asyncio.wait_for(confirmed, PATIENCE_S) == self.sender_id

    async def close(self) -> None:
        """Disconnect."""
        await self._socket.disconnect()

    async def write(self, text: str) -> None:
        """Send a message as the user."""
        said = {"message": text, "session_id": self.sender_id, "customData": {"userId": self.user_id}}
        await self._socket.emit("user_uttered", said)

    async def bubble(self) -> Bubble:
        """Return the next bot message."""
        await eventually(lambda: len(self.bubbles) > self._taken, what=f"a bubble in {self.sender_id}")
        self._taken += 1
        return self.bubbles[self._taken - 1]

    async def stays_silent(self, for_s: float = 1.5) -> None:
        """Check that the bot says nothing more."""
        await asyncio.sleep(for_s)
        unexpected = self.bubbles[self._taken :]
        assert not unexpected, f"nothing was to be said, but: {unexpected}"


class User:
    """A new user.

    Args:
        pair: the servers.
        name: the name in logs.
        jwt_key: the host app's key for tokens; empty if none are required.
    """

    def __init__(self, pair: Pair, name: str = "anna", jwt_key: str = "") -> None:
        self.pair = pair
        self._jwt_key = jwt_key
        #: The lifetime of tokens in seconds.
        self.token_s = 600.0
        self.id = f"{name}-{uuid.uuid4().hex[:8]}"
        self.session_id = f"ps-{self.id}"
        self.email = f"{name}.berg@example.com"

    def token(self) -> str:
        """Return a fresh token; empty if none is required."""
        return mint_token(self.id, self._jwt_key, expires_in_s=self.token_s) if self._jwt_key else ""

    def sign(self) -> dict[str, str]:
        """Return the headers that identify the user."""
        token = self.token()
        return {"Authorization": f"Bearer {token}"} if token else {}

    async def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Post JSON like the user's browser."""
        return await self.pair.post(path, body, self.sign())

    @asynccontextmanager
    async def feed(self, last_event_id: str = "") -> AsyncIterator[Feed]:
        """Open a tab with a feed while the context lasts."""
        feed = Feed(self.pair, self.id, last_event_id, self.sign)
        reading = asyncio.create_task(feed.follow())
        try:
            await eventually(lambda: feed.is_open or reading.done(), what=f"the feed of {self.id} is open")
            yield feed
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    @asynccontextmanager
    async def chat(self) -> AsyncIterator[ChatWindow]:
        """Open a chat window."""
        window = ChatWindow(f"chat-{uuid.uuid4().hex}", self.id, self.token())
        await window.connect(self.pair.origin)
        try:
            yield window
        finally:
            await window.close()

    def story(self, name: str = "edit_three_projects", now: float | None = None) -> list[Recorded]:
        """Return a recorded story rewritten for this user."""
        return story_of_user(name, user_id=self.id, session_id=self.session_id, email=self.email, now=now)

    async def send_story(self, requests: Sequence[Recorded]) -> None:
        """Send the captured requests of a story in order."""
        for request in requests:
            if not request.is_capture:
                continue
            async with self.pair.http.post(
                f"{self.pair.base}/capture{request.path}?{request.query}",
                data=request.body,
                headers={"Content-Type": request.content_type, **self.sign()},
            ) as response:
                assert (response.status, await response.json(content_type=None)) == (200, {"status": 1})

    def batch(self, *actions: object, **fields: Any) -> dict[str, Any]:
        """Return a batch of the connector about this user."""
        return batch(*actions, **{"session_id": self.session_id, "user_id": self.id, **fields})

    async def acknowledge(self, toast: Toast, event: str = "rendered") -> None:
        """Send a receipt like the front end."""
        answer = await self.post("/proactive/ack", {"offer_id": toast.id, "event": event})
        assert answer == (200, {"status": "ok"})

    async def open_chat(self, window: ChatWindow, toast: Toast, **changes: Any) -> tuple[int, Any]:
        """Press "Open chat"."""
        body = {
            "sender_id": window.sender_id,
            "body": toast.data["body"],
            "user_id": self.id,
            "trigger_id": toast.data["trigger_id"],
            "offer_id": toast.id,
        }
        return await self.post("/proactive/inject", {**body, **changes})
