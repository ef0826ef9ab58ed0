"""Cross-origin access to our routes and to the chat socket, for ``allowed_origins`` only.

Rasa's ``--cors`` adds headers of its own to every answer of the server. Browsers refuse an answer that has
two ``Access-Control-Allow-Origin`` headers, and ``--cors "*"`` would let in every site. So the headers that
Rasa has added are removed here, and Rasa is kept from adding more.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import error
from rasa_autoplay.gateway.chat.rasa_chat import socket_channels
from rasa_autoplay.settings.origins import AllowedOrigins

__all__ = ["CrossOrigin"]

logger = logging.getLogger(__name__)

_PREFIX = "access-control-"
#: Rasa does its ``--cors`` with sanic_cors, which skips requests that carry this mark. Its own decorator sets
#: the mark for routes that have rules of their own.
_SANIC_CORS_DONE = "_sanic_cors_e"
_PREFLIGHT_MAX_AGE_S = 600

_RequestMiddleware = Callable[[Request], Awaitable["HTTPResponse | None"]]
_ResponseMiddleware = Callable[[Request, "HTTPResponse | None"], Awaitable[None]]


class CrossOrigin:
    """The rules of one Rasa server.

    Args:
        allowed_origins: canonical origins and patterns.
    """

    def __init__(self, allowed_origins: Iterable[str]) -> None:
        self._base_path = ""
        self._allowed = AllowedOrigins(allowed_origins)
        self._refused = 0

    def health(self) -> dict[str, int]:
        """How many requests to the chat socket were refused for their site."""
        return {"chat_refused": self._refused}

    def install(self, app: Any, base_path: str) -> None:
        """Apply the rules to Rasa's whole app: preflights and unknown paths never reach a blueprint.

        Args:
            app: Rasa's Sanic app; the paths of its chat sockets are looked up at each request.
            base_path: our routes are below it.
        """
        self._base_path = base_path
        app.register_middleware(self.refuse_strangers_sockets, "request")
        app.register_middleware(self.set_headers, "response")

    async def refuse_strangers_sockets(self, request: Request) -> HTTPResponse | None:
        """Refuse the chat to other sites' pages: CORS does not cover websockets, so the server must."""
        if not _is_chat(request) or _is_same_origin(request) or _origin_of(request) in self._allowed:
            return None
        self._refused += 1
        if self._refused == 1:
            logger.warning(
                "The chat socket refused a page of %r, which is not in allowed_origins. If it is a page of "
                "your app, add its origin in credentials.yml. Health counts further refusals.",
                _origin_of(request)[:200],
            )
        return error(403, "this site is not in allowed_origins", "Add its origin in credentials.yml.")

    async def set_headers(self, request: Request, response: HTTPResponse | None) -> None:
        """Give an answer of ours one set of headers when its site is allowed, and none otherwise."""
        # A websocket that was accepted has no response.
        if response is None or not (_is_under(request.path, self._base_path) or _is_chat(request)):
            return
        for name in [name for name in response.headers if name.lower().startswith(_PREFIX)]:
            response.headers.popall(name, None)
        setattr(request.ctx, _SANIC_CORS_DONE, "1")
        is_compressed = "Accept-Encoding" in response.headers.get("Vary", "")
        response.headers["Vary"] = "Origin, Accept-Encoding" if is_compressed else "Origin"
        if (origin := _origin_of(request)) in self._allowed:
            _allow(origin, request, response)


def _allow(origin: str, request: Request, response: HTTPResponse) -> None:
    """Credentials are allowed because browsers send beacons with them; none of our routes reads a cookie."""
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    asked = request.headers.get("access-control-request-headers", "")
    response.headers["Access-Control-Allow-Headers"] = asked or "Content-Type"
    # Else a page of another origin cannot read when to come again.
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_MAX_AGE_S)


def _origin_of(request: Request) -> str:
    return str(request.headers.get("origin", ""))


def _is_chat(request: Request) -> bool:
    return any(_is_under(request.path, channel.socketio_path) for channel in socket_channels(request.app))


def _is_under(path: str, prefix: str) -> bool:
    """Whether a path is a prefix, or is below it; empty segments are passed over, as Sanic does."""
    segments, first = ([part for part in text.split("/") if part] for text in (path, prefix))
    return segments[: len(first)] == first


def _is_same_origin(request: Request) -> bool:
    """Whether a page of this very server asks, or no page of any site.

    No page can set any of these headers. The scheme is not compared, because a server behind a proxy that
    ends TLS does not know it.
    """
    origin = request.headers.get("origin")
    if not origin or request.headers.get("sec-fetch-site") == "same-origin":
        return True
    host = urlsplit(origin).netloc
    stated = (request.headers.get("host", ""), request.headers.get("x-forwarded-host", ""))
    return bool(host) and host in [each.partition(",")[0].strip().lower() for each in stated]
