"""Cross-origin access to our routes and to the chat socket, for ``allowed_origins`` only.

Rasa's ``--cors`` adds its own headers to every answer of the server. Browsers refuse an answer with two
``Access-Control-Allow-Origin`` headers, and ``--cors "*"`` would allow every site. So this module removes the
headers that Rasa has added, and prevents Rasa from adding more.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import error
from rasa_autoplay.gateway.access.page_origins import is_same_origin, origin_of
from rasa_autoplay.gateway.access.refused_origins import RefusedOrigins
from rasa_autoplay.gateway.chat.rasa_server import socket_channels
from rasa_autoplay.settings.origins import AllowedOrigins

__all__ = ["CrossOrigin"]

logger = logging.getLogger(__name__)

_PREFIX = "access-control-"
#: Rasa implements ``--cors`` with sanic_cors, which skips requests that have this attribute. Its decorator
#: sets the attribute for routes with their own rules.
_SANIC_CORS_DONE = "_sanic_cors_e"
_PREFLIGHT_MAX_AGE_S = 600
#: The routes that no page of another origin may use.
_SAME_ORIGIN_ONLY = ("studio", "offers")

_RequestMiddleware = Callable[[Request], Awaitable["HTTPResponse | None"]]
_ResponseMiddleware = Callable[[Request, "HTTPResponse | None"], Awaitable[None]]


class CrossOrigin:
    """The CORS rules of one Rasa server.

    Args:
        allowed_origins: canonical origins and patterns.
    """

    def __init__(self, allowed_origins: Iterable[str]) -> None:
        self._base_path = ""
        self._allowed = AllowedOrigins(allowed_origins)
        self._refused = 0
        self._refused_origins = RefusedOrigins()

    def health(self) -> dict[str, Any]:
        """The requests from pages that ``allowed_origins`` does not name, by their origin.

        ``chat_refused`` counts those to the chat socket, which were refused. The others were answered, but
        their browsers do not let the page read the answer.
        """
        return {"chat_refused": self._refused, **self._refused_origins.health()}

    def accepts(self, request: Request) -> bool:
        """Whether the page that sent a request may read the answer."""
        return is_same_origin(request) or origin_of(request) in self._allowed

    def install(self, app: Any, base_path: str) -> None:
        """Apply the rules to Rasa's whole app, because preflights and unknown paths never reach a blueprint.

        Args:
            app: Rasa's Sanic app.
            base_path: the path prefix of our routes.
        """
        self._base_path = base_path
        app.register_middleware(self.refuse_foreign_sockets, "request")
        app.register_middleware(self.set_headers, "response")

    async def refuse_foreign_sockets(self, request: Request) -> HTTPResponse | None:
        """Refuse chat sockets from pages of other sites, because CORS does not cover websockets."""
        if not _is_chat(request) or self.accepts(request):
            return None
        self._refused += 1
        self._refused_origins.add(origin_of(request))
        if self._refused == 1:
            logger.warning(
                "The chat socket refused a page from %r, which is not in allowed_origins. If your app has "
                "this origin, add it in credentials.yml. Health counts further refusals.",
                origin_of(request)[:200],
            )
        return error(403, "this site is not in allowed_origins", "Add its origin in credentials.yml.")

    async def set_headers(self, request: Request, response: HTTPResponse | None) -> None:
        """Set the headers of our answers if the origin is allowed; remove Rasa's in any case.

        No other origin may read the studio's page, its files or its sign-in. The team's servers make offers;
        a page must not have their key.
        """
        # An accepted websocket has no response.
        if response is None or not (_is_under(request.path, self._base_path) or _is_chat(request)):
            return
        for name in [name for name in response.headers if name.lower().startswith(_PREFIX)]:
            response.headers.popall(name, None)
        setattr(request.ctx, _SANIC_CORS_DONE, "1")
        is_compressed = "Accept-Encoding" in response.headers.get("Vary", "")
        response.headers["Vary"] = "Origin, Accept-Encoding" if is_compressed else "Origin"
        if any(_is_under(request.path, f"{self._base_path}/{part}") for part in _SAME_ORIGIN_ONLY):
            return
        if (origin := origin_of(request)) in self._allowed:
            _allow(origin, request, response)
        elif not (is_same_origin(request) or _is_chat(request) or self._is_health(request)):
            self._refused_origins.add(origin)

    def _is_health(self, request: Request) -> bool:
        """The doctor asks for health in the name of other origins."""
        return bool(request.path.rstrip("/") == self._base_path.rstrip("/"))


def _allow(origin: str, request: Request, response: HTTPResponse) -> None:
    """Credentials are allowed because browsers send beacons with them. The only cookie that a route reads is
    the studio's, which counts for the studio's own page only.
    """
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    asked = request.headers.get("access-control-request-headers", "")
    response.headers["Access-Control-Allow-Headers"] = asked or "Content-Type"
    # Without this, a page of another origin cannot read the header.
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_MAX_AGE_S)


def _is_chat(request: Request) -> bool:
    return any(_is_under(request.path, channel.socketio_path) for channel in socket_channels(request.app))


def _is_under(path: str, prefix: str) -> bool:
    """Whether a path is the prefix or below it; empty segments are ignored, as in Sanic."""
    segments, first = ([part for part in text.split("/") if part] for text in (path, prefix))
    return segments[: len(first)] == first
