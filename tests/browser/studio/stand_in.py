"""A stand-in for the Rasa server: the studio's real files and headers, and canned answers of its API."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web
from support.background import BackgroundLoop
from support.processes import free_port

from rasa_autoplay.gateway.routes.browser_script import as_toast_module
from rasa_autoplay.gateway.routes.studio import STATIC, headers_of, studio_contents

__all__ = ["KEY", "Asked", "Refused", "StudioStandIn"]

KEY = "key-of-the-stand-in"
_BASE = "/webhooks/autoplay/"
_TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}
_WITHIN_S = 30.0


class Refused(NamedTuple):
    """An answer that is an error."""

    status: int
    error: str
    remedy: str = ""


class Asked(NamedTuple):
    """What the page asked: the path below the base, the query, and the JSON body of a POST."""

    path: str
    query: dict[str, str]
    body: Any


class StudioStandIn:
    """Serves the studio on one port.

    Args:
        background: where it runs.
    """

    def __init__(self, background: BackgroundLoop) -> None:
        self._background = background
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        #: By path below the base: JSON, a :class:`Refused`, or a function of the query and the body that
        #: returns one of these. A path without an answer is 404.
        self.answers: dict[str, Any] = {}
        self.asked: list[Asked] = []
        self.is_signed_in = True
        #: The tickets that sign in, once each.
        self.tickets: list[str] = []
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        """Listen."""
        self._background.run(self._start(), _WITHIN_S)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    def stop(self) -> None:
        """Stop listening."""
        assert self._runner is not None
        self._background.run(self._runner.cleanup(), _WITHIN_S)

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix(_BASE)
        body = await request.json() if request.method == "POST" else {}
        if path in ("studio/session", "studio/sign-in", "studio/sign-out"):
            return self._session(path, body)
        if request.method == "GET" and (path == "studio" or path.startswith("studio/")):
            return _file(path.removeprefix("studio").removeprefix("/") or "index.html")
        if path == "toast.mjs":
            return web.Response(text=as_toast_module(), content_type="text/javascript")
        if request.headers.get("x-autoplay-studio") != "1":
            return _error(Refused(401, "the header of the studio is missing"))
        self.asked.append(Asked(path, dict(request.query), body))
        answer = self.answers.get(path, Refused(404, f"the stand-in has no answer for {path}"))
        if callable(answer):
            answer = answer(dict(request.query), body)
        return _error(answer) if isinstance(answer, Refused) else web.json_response(answer)

    def _session(self, path: str, body: dict[str, Any]) -> web.Response:
        if path == "studio/sign-in":
            if "ticket" in body:
                if body["ticket"] not in self.tickets:
                    return _error(Refused(401, "this link has expired or was used already"))
                self.tickets.remove(body["ticket"])
            elif body.get("key") != KEY:
                return _error(Refused(401, "this is not the admin key"))
            self.is_signed_in = True
        elif path == "studio/sign-out":
            self.is_signed_in = False
        if not self.is_signed_in:
            return web.json_response({"signed_in": False})
        return web.json_response({"signed_in": True, "product_id": "demo", "expires_at": 2e9})


def _error(refused: Refused) -> web.Response:
    body = {"error": refused.error, **({"remedy": refused.remedy} if refused.remedy else {})}
    return web.json_response(body, status=refused.status)


_contents = functools.cache(studio_contents)


def _file(name: str) -> web.Response:
    body = _contents().get(name)
    if body is None and (STATIC / name).is_file():
        body = (STATIC / name).read_bytes()  # a part of a screen, which only tests load by itself
    if body is None:
        return _error(Refused(404, "the studio has no such file"))
    return web.Response(body=body, content_type=_TYPES[Path(name).suffix], headers=headers_of(name))
