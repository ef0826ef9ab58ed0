"""Sends HTTP requests to the engine as its endpoint demands."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import aiohttp
from yarl import URL

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.http.endpoint import TRACE_HEADER, EngineEndpoint
from rasa_autoplay.link.http.problems import HttpAnswer, no_stream, timed_out, unreachable, unusable
from rasa_autoplay.settings.secret import Secret

__all__ = ["EngineConnection", "read_authorities"]

_STREAM = "text/event-stream"
_NO_HEADERS: Mapping[str, str] = {}
_MAX_REFUSAL_BYTES = 65_536


class EngineConnection:
    """A pool of connections to the engine.

    It follows no redirect and uses no proxy of the environment, so that the secret reaches the endpoint's
    server only.

    Args:
        find_endpoint: returns where the engine is; None if no setting says so. It is called for each request,
            because Rasa can replace the agent.
        secret: the secret shared with the engine; may be empty on a single machine.
    """

    def __init__(self, find_endpoint: Callable[[], EngineEndpoint | None], secret: Secret) -> None:
        self._find_endpoint = find_endpoint
        self._secret = secret
        self._http: aiohttp.ClientSession | None = None
        self._trust = _Trust()

    def open(self) -> None:
        """Create the pool, in a running event loop."""
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, connect=5), connector=aiohttp.TCPConnector(limit=64)
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._http is not None:
            await self._http.close()

    def endpoint(self) -> EngineEndpoint:
        """Return where the engine is.

        Raises:
            EngineUnreachable: no setting says so, or the setting is wrong.
        """
        endpoint = self._find_endpoint()
        if endpoint is None:
            raise EngineUnreachable(
                "No action server is configured.",
                remedy='Add "action_endpoint: {url: http://localhost:5055/webhook}" to endpoints.yml. If '
                'Rasa runs its actions itself (actions_module), add "engine: in_process" to the channel in '
                "credentials.yml instead.",
            )
        return endpoint

    def has_moved(self, endpoint: EngineEndpoint) -> bool:
        """Whether Rasa has loaded another endpoint since; no endpoint, or a wrong one, is no other."""
        try:
            return (self._find_endpoint() or endpoint) != endpoint
        except EngineUnreachable:
            return False

    async def post(
        self, path: str, body: bytes, timeout_s: float, trace_parent: str = ""
    ) -> tuple[EngineEndpoint, HttpAnswer]:
        """Post a body; return who was asked, and the answer with any status.

        Args:
            path: the route below the link's address.
            body: the body.
            timeout_s: the time for the whole answer.
            trace_parent: the caller's span; empty if it is not traced.

        Raises:
            EngineUnreachable: there is no answer.
        """
        endpoint = self.endpoint()
        timeout = aiohttp.ClientTimeout(total=timeout_s, connect=2)
        try:
            headers = {TRACE_HEADER: trace_parent} if trace_parent else {}
            async with self._request("POST", endpoint, path, timeout, data=body, headers=headers) as response:
                return endpoint, HttpAnswer(response.status, response.headers, await response.read())
        except asyncio.TimeoutError as problem:
            raise timed_out(endpoint, problem) from None
        except (aiohttp.ClientError, OSError) as problem:
            raise unreachable(endpoint, problem) from None

    @asynccontextmanager
    async def stream(
        self, endpoint: EngineEndpoint, path: str, params: Mapping[str, str], silence_s: float
    ) -> AsyncIterator[aiohttp.StreamReader]:
        """Open a stream of server-sent events.

        Args:
            endpoint: where to open it.
            path: the route below the link's address.
            params: its query.
            silence_s: reading ends with ``asyncio.TimeoutError`` after so many seconds without data.

        Raises:
            EngineUnreachable: there is no stream, or it breaks.
        """
        timeout = aiohttp.ClientTimeout(total=None, connect=5, sock_read=silence_s)
        try:
            async with self._request("GET", endpoint, path, timeout, params=params) as response:
                is_stream = response.headers.get("Content-Type", "").startswith(_STREAM)
                if response.status != 200 or not is_stream:
                    body = await response.content.read(_MAX_REFUSAL_BYTES)
                    raise unusable(endpoint, HttpAnswer(response.status, response.headers, body))
                yield response.content
        except asyncio.TimeoutError as problem:
            raise no_stream(endpoint, problem) from None
        except (aiohttp.ClientError, OSError) as problem:
            raise unreachable(endpoint, problem) from None

    def _request(
        self,
        method: str,
        endpoint: EngineEndpoint,
        path: str,
        timeout: aiohttp.ClientTimeout,
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> Any:
        assert self._http is not None  # noqa: S101 - open() has run: routes exist only in a started server
        return self._http.request(
            method,
            _url_of(endpoint.link_url, path),
            headers={**endpoint.headers_with(self._secret), **headers},
            params={**endpoint.params, **(params or {})} or None,
            data=data,
            timeout=timeout,
            allow_redirects=False,
            **self._trust.options(endpoint),
        )


@lru_cache(maxsize=16)
def _url_of(link_url: str, path: str) -> URL:
    """Return a route's parsed address; parsing it for each post costs more than a dict's lookup."""
    return URL(f"{link_url}/{path}")


class _Trust:
    """Reads the endpoint's authorities again whenever their file changes, as Rasa does for each action."""

    def __init__(self) -> None:
        self._read: tuple[object, ssl.SSLContext] | None = None

    def options(self, endpoint: EngineEndpoint) -> dict[str, Any]:
        """Return aiohttp's options for an endpoint's certificate."""
        if not endpoint.ca_file:
            return {}
        version = (endpoint.ca_file, _version_of(endpoint.ca_file))
        if self._read is None or self._read[0] != version:
            self._read = version, read_authorities(endpoint)
        return {"ssl": self._read[1]}


def _version_of(file: str) -> object:
    try:
        stat = os.stat(file)
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def read_authorities(endpoint: EngineEndpoint) -> ssl.SSLContext:
    """Read the authorities that an endpoint names.

    Raises:
        EngineUnreachable: the file cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=endpoint.ca_file)
    except ssl.SSLError:
        found = "is not a PEM file of certificates"
    except OSError as problem:
        found = f"cannot be read ({problem.strerror})"
    raise EngineUnreachable(
        f"cafile of {endpoint.setting}, {os.path.abspath(endpoint.ca_file)}, {found}.",
        remedy="Name the PEM file of the authority that issued the server's certificate.",
    )
