"""A stand-in for the Rasa server: a real python-socketio server, which can also misbehave."""

from __future__ import annotations

import asyncio
import inspect
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web
from support.background import PATIENCE_S, BackgroundLoop, eventually
from support.processes import free_port

from rasa_autoplay.gateway.routes.browser_script import as_chat_module

__all__ = ["STRICT_CSP", "ChatServer"]

#: The strictest policy: no inline styles, no HTML from strings, pictures of this server and `data:` only.
STRICT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_PAGE = Path(__file__).parent / "page"
_BASE = "/webhooks/autoplay"
_PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="480" height="240"><rect width="480" height="240" '
    b'fill="#4f8a77"/><circle cx="130" cy="120" r="70" fill="#f4d58d"/></svg>'
)


class ChatServer:
    """Serves the host app, and the chat with the events and the answers of Rasa's own channel.

    Args:
        background: where it runs.
    """

    def __init__(self, background: BackgroundLoop) -> None:
        self._background = background
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        #: The user's messages, in order.
        self.heard: list[dict[str, Any]] = []
        #: The tokens of all handshakes.
        self.tokens: list[str | None] = []
        #: The transports of all connections.
        self.transports: list[str] = []
        #: What the bot says to a message: the data of its events.
        self.answers: Callable[[str], list[Any]] = lambda text: [{"text": f"You said: {text}"}]
        #: Messages wait for it before they are answered.
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        #: What the acknowledgement of a message says.
        self.acknowledgement: Any = None
        #: Whether a proxy lets no websocket through: "refuse", or "hang".
        self.websockets = ""
        self._runner: web.AppRunner | None = None
        self._sio: Any = None
        self._windows: dict[str, str] = {}

    def start(self) -> None:
        """Listen."""
        self._background.run(self._start(), PATIENCE_S)

    async def _start(self) -> None:
        app = web.Application(middlewares=[self._proxy])
        self._sio = sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins=[])
        sio.attach(app, "/socket.io")
        sio.on("connect", self._connect)
        sio.on("session_request", self._confirm)
        sio.on("user_uttered", self._hear)
        sio.on("disconnect", self._leave)
        app.router.add_get(f"{_BASE}/chat.mjs", _script)
        app.router.add_get("/picture.svg", _picture)
        app.router.add_get("/{name:.+}", _file)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    def stop(self) -> None:
        """Hang up on everybody."""
        self._background.run(self._stop(), PATIENCE_S)

    async def _stop(self) -> None:
        await self._drop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _proxy(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("Upgrade") and self.websockets:
            if self.websockets == "hang":
                await asyncio.sleep(3600)
            return web.Response(status=400)
        return await handler(request)  # type: ignore[no-any-return]

    async def _connect(self, _sid: str, environ: dict[str, Any], auth: dict[str, Any] | None = None) -> None:
        self.tokens.append((auth or {}).get("token"))
        self.transports.append("websocket" if "HTTP_UPGRADE" in environ else "polling")

    async def _confirm(self, sid: str, data: dict[str, Any]) -> None:
        session_id = data.get("session_id") or uuid.uuid4().hex
        self._windows[sid] = session_id
        entered = self._sio.enter_room(sid, session_id)
        if inspect.isawaitable(entered):  # in newer versions of python-socketio
            await entered
        await self._sio.emit("session_confirm", session_id, room=sid)

    async def _hear(self, _sid: str, data: dict[str, Any]) -> Any:
        self.heard.append(data)
        await self.may_answer.wait()
        if self.acknowledgement is None:
            for answer in self.answers(data["message"]):
                await self._sio.emit("bot_uttered", answer, room=data["session_id"])
        return self.acknowledgement

    async def _leave(self, sid: str) -> None:
        self._windows.pop(sid, None)

    @property
    def messages(self) -> list[str]:
        """The texts of the user's messages."""
        return [data["message"] for data in self.heard]

    def say(self, *payloads: Any) -> None:
        """Let the bot say something in all windows, once there is one."""

        async def say() -> None:
            await eventually(lambda: self._windows, what="a chat window is connected")
            for payload in payloads:
                await self._sio.emit("bot_uttered", payload)

        self._background.run(say(), PATIENCE_S)

    def send_raw(self, *packets: str) -> None:
        """Send Engine.IO messages as they are written."""

        async def send() -> None:
            await eventually(lambda: self._windows, what="a chat window is connected")
            for eio_sid in list(self._sio.eio.sockets):
                for packet in packets:
                    await self._sio.eio.send(eio_sid, packet)

        self._background.run(send(), PATIENCE_S)

    def drop(self) -> None:
        """Cut all connections; browsers may connect again."""
        self._background.run(self._drop(), PATIENCE_S)

    async def _drop(self) -> None:
        for socket in list(self._sio.eio.sockets.values()):
            await socket.close(wait=False)
        self._sio.eio.sockets.clear()
        self._windows.clear()

    def hold_answers(self) -> None:
        """Answer nothing until :meth:`release_answers`."""
        self._background.run(self._set(False), PATIENCE_S)

    def release_answers(self) -> None:
        """Answer what has waited."""
        self._background.run(self._set(True), PATIENCE_S)

    async def _set(self, may_answer: bool) -> None:
        if may_answer:
            self.may_answer.set()
        else:
            self.may_answer.clear()

    def until(self, check: Callable[[], Any], what: str) -> Any:
        """Wait until something is true."""
        return self._background.run(eventually(check, what=what), PATIENCE_S + 5)

    def until_windows(self, count: int) -> None:
        """Wait until so many windows are connected."""
        self.until(lambda: len(self._windows) == count, f"{count} windows are connected")


async def _script(_request: web.Request) -> web.Response:
    return web.Response(text=as_chat_module(), content_type="text/javascript")


async def _picture(_request: web.Request) -> web.Response:
    return web.Response(body=_PICTURE, content_type="image/svg+xml")


async def _file(request: web.Request) -> web.StreamResponse:
    file = _PAGE / request.match_info["name"]
    headers = {"Content-Security-Policy": STRICT_CSP}
    return web.FileResponse(file, headers=headers) if file.is_file() else web.Response(status=404)
