"""Posts to another server, which may answer anything, or never."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import aiohttp

__all__ = ["TIMEOUT_S", "Posted", "new_session", "post"]

#: For the whole request, with its answer.
TIMEOUT_S = 15.0
#: An answer is not needed beyond this: 2xx is a success, whatever follows.
_MAX_ANSWER_BYTES = 16_384
_ASKS_TO_WAIT = (429, 503)


class Posted(NamedTuple):
    """The result of a request.

    Args:
        status: the answer's status; 0 if there was no complete answer.
        problem: why there was none, without secrets; empty if there was one.
        body: the answer's first bytes.
        retry_after_s: for how long the receiver wants nothing, in seconds; 0 if it does not say.
    """

    status: int
    problem: str = ""
    body: bytes = b""
    retry_after_s: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether the receiver has accepted the request."""
        return 200 <= self.status < 300


def new_session(connections: int, timeout_s: float = TIMEOUT_S) -> aiohttp.ClientSession:
    """Return a session for one receiver; it must be created on the event loop.

    Args:
        connections: how many may be open at once.
        timeout_s: for a whole request, in seconds.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections),
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        # A small answer could expand to a huge one.
        auto_decompress=False,
        # The proxy of the environment, which many companies need.
        trust_env=True,
    )


async def post(
    http: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str], now: float
) -> Posted:
    """Post a body; does not raise for a faulty receiver.

    Args:
        http: from :func:`new_session`.
        url: may contain a secret, so no problem names it.
        body: what is sent.
        headers: further headers.
        now: epoch seconds.
    """
    try:
        # A redirect could send the content to another server.
        async with http.post(url, data=body, headers=headers, allow_redirects=False) as response:
            # An answer that is cut off is none: the receiver would get the same again, and knows its id.
            read = await _read(response)
            wait = response.headers.get("Retry-After", "") if response.status in _ASKS_TO_WAIT else ""
            return Posted(response.status, "", read, _retry_after_s(wait, now))
    except asyncio.TimeoutError:
        return Posted(0, "it does not answer in time")
    except (aiohttp.ClientError, OSError, ValueError) as problem:
        # Only the type, because the text may contain the URL.
        return Posted(0, _words_of(problem))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    read = bytearray()
    async for chunk in response.content.iter_any():
        read += chunk
        if len(read) > _MAX_ANSWER_BYTES:
            response.close()  # it may never end
            break
    return bytes(read[:_MAX_ANSWER_BYTES])


def _words_of(problem: Exception) -> str:
    if isinstance(problem, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError)):
        return "its certificate is not valid"
    if isinstance(problem, aiohttp.ClientConnectorError):
        return "it cannot be reached"
    return f"the connection broke ({type(problem).__name__})"


def _retry_after_s(value: str, now: float) -> float:
    """Read ``Retry-After``, which is seconds or a date (RFC 9110, 10.2.3); 0 if it is invalid."""
    text = value.strip()[:40]
    try:
        wait_s = float(text) if text.isdecimal() else parsedate_to_datetime(text).timestamp() - now
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return max(wait_s, 0.0)
