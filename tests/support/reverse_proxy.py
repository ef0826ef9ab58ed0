"""A reverse proxy on this machine, as teams put before their servers; it can be strict, or wrong."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

__all__ = ["ReverseProxy", "basic"]

#: Answers a request in the proxy's place; None to forward it.
Answer = Callable[[web.Request], "web.StreamResponse | None"]
_HOP_BY_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "accept-encoding"}


def basic(user: str, password: str) -> str:
    """Return the header Authorization of a user."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass
class ReverseProxy:
    """Forwards requests and streams.

    Attributes:
        target: the origin to which it forwards.
        prefix: the path that it removes; requests outside it get 404.
        answer: what it answers itself, such as a refusal.
        drops: names of headers that it does not forward, in lower case.
        buffers: whether it holds a stream's data until the stream ends.
        seen: the requests that came.
    """

    target: str
    prefix: str = ""
    answer: Answer = lambda _request: None
    drops: frozenset[str] = frozenset()
    buffers: bool = False
    seen: list[web.BaseRequest] = field(default_factory=list)

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        """Serve on this machine; return the origin with the prefix."""
        async with aiohttp.ClientSession(auto_decompress=False) as http:

            async def handle(request: web.BaseRequest) -> web.StreamResponse:
                return await self._handle(request, http)

            runner = web.ServerRunner(web.Server(handle, access_log=None), handle_signals=False)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls, shutdown_timeout=0.1)
            await site.start()
            try:
                port = runner.addresses[0][1]
                yield f"{'https' if tls else 'http'}://127.0.0.1:{port}{self.prefix}"
            finally:
                await runner.cleanup()

    async def _handle(self, request: web.BaseRequest, http: aiohttp.ClientSession) -> web.StreamResponse:
        self.seen.append(request)
        if not request.path.startswith(f"{self.prefix}/"):
            return web.Response(status=404, text="<h1>404 Not Found</h1>", content_type="text/html")
        if (refusal := self.answer(request)) is not None:  # type: ignore[arg-type]
            return refusal
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in _HOP_BY_HOP | self.drops
        }
        url = self.target + request.raw_path.removeprefix(self.prefix)
        try:
            async with http.request(
                request.method, url, headers=headers, data=await request.read(), allow_redirects=False
            ) as upstream:
                return await self._relay(request, upstream)
        except aiohttp.ClientConnectorError:
            return web.Response(status=502, text="<h1>502 Bad Gateway</h1>", content_type="text/html")

    async def _relay(self, request: web.BaseRequest, upstream: aiohttp.ClientResponse) -> web.StreamResponse:
        kept = {name: value for name, value in upstream.headers.items() if name.lower() not in _HOP_BY_HOP}
        response = web.StreamResponse(status=upstream.status, headers=kept)
        await response.prepare(request)
        held = b""
        async for chunk in upstream.content.iter_any():
            if self.buffers:
                held += chunk
            else:
                await response.write(chunk)
        await response.write(held)
        await response.write_eof()
        return response
