"""What all requests to an upstream share: the bearer token, refusals, and URLs without secrets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import aiohttp
import msgspec
from yarl import URL

from rasa_autoplay.errors import AutoplayError, ConfigError, SourceRefused

__all__ = ["authorization", "get_json", "keep_alive", "product_base", "refuse", "safe_url"]

_REMEDIES = {
    401: "Check the token: it is unknown or has expired.",
    403: "Check the token: it belongs to another product.",
    404: "Check the URL and the product id in it.",
}

#: TCP keep-alive: seconds of silence before the first probe, seconds between probes, and their number.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


def safe_url(url: str) -> str:
    """The part of a URL that may be logged: no user, password, query or fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def product_base(stream_url: str, product_id: str = "") -> tuple[str, str]:
    """The base URL for questions about a product, and the product's id.

    Args:
        stream_url: ``{base}/stream/{product_id}``, or the base alone.
        product_id: replaces the id in the URL; empty to use that one.

    Returns:
        The base without a trailing slash, and the percent-encoded id.

    Raises:
        ConfigError: the URL contains no product id and none was given.
    """
    parts = urlsplit(stream_url)
    path, _, named = parts.path.partition("/stream/")
    product = product_id or unquote(named.split("/")[0])
    if not product:
        raise ConfigError(
            f"{safe_url(stream_url)} names no product.",
            remedy="Use a URL that ends in /stream/<product_id>, or pass product_id.",
        )
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", "")), quote(product, safe="")


def authorization(token: str) -> dict[str, str]:
    """The header for a token; no header if the token is empty."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def refuse(status: int, url: str) -> None:
    """Raise if retrying cannot help.

    Raises:
        SourceRefused: the status is 401, 403 or 404.
    """
    if status in _REMEDIES:
        raise SourceRefused(f"{safe_url(url)} answers HTTP {status}.", remedy=_REMEDIES[status])


def keep_alive(response: aiohttp.ClientResponse) -> None:
    """Enable TCP keep-alive, which detects that the peer of an idle stream is gone."""
    transport = response.connection.transport if response.connection else None
    sock = transport.get_extra_info("socket") if transport else None
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE.items():
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def get_json(url: str, *, token: str, params: Mapping[str, str], timeout_s: float) -> Any:
    """Send one GET request.

    Args:
        url: percent-encoded.
        token: for the ``Authorization`` header; empty for none.
        params: the query.
        timeout_s: seconds for the whole request.

    Returns:
        The parsed JSON.

    Raises:
        SourceRefused: HTTP 401, 403 or 404.
        AutoplayError: the status is not 200, there is no answer, or it is not JSON.
    """
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    target = URL(url, encoded=True).update_query(params)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=authorization(token)) as http,
            http.get(target) as response,
        ):
            refuse(response.status, url)
            if response.status != 200:
                raise AutoplayError(f"{safe_url(url)} answers HTTP {response.status}.")
            return msgspec.json.decode(await response.read())
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as problem:
        # Only the type, because the text may contain the query.
        raise AutoplayError(f"{safe_url(url)} does not answer ({type(problem).__name__}).") from None
    except msgspec.DecodeError:
        raise AutoplayError(f"The answer of {safe_url(url)} is not JSON.") from None
