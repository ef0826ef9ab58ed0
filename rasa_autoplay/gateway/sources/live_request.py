"""One request to the vendor's pull API for a user's recent actions."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import aiohttp
from yarl import URL

from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.errors import AutoplayError, MalformedEvent, SourceRefused
from rasa_autoplay.events.models import ActionsPayload, LeftOut

__all__ = ["NotAnswered", "Throttled", "UnknownUser", "ask", "is_askable", "live_activity_url"]

MAX_ANSWER_BYTES = 1 << 20
LONGEST_RETRY_AFTER_S = 300.0


class NotAnswered(AutoplayError):
    """There was no answer, or an error; a later request may succeed."""


class UnknownUser(NotAnswered):
    """HTTP 404: the upstream does not know this user yet."""


class Throttled(NotAnswered):
    """HTTP 429 or 503: the upstream asks for fewer requests.

    Args:
        message: what it answered.
        retry_after_s: seconds until the next request; 0 if the upstream does not say.
    """

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


def is_askable(user_id: str) -> bool:
    """Whether an id can be part of a path: ``.`` and ``..`` would lead to another user's activity."""
    return user_id not in (".", "..")


def live_activity_url(origin: str, product_id: str, user_id: str, limit: int) -> URL:
    """``{origin}/users/{product_id}/{user_id}/live-activity?limit=N``, with the ids percent-encoded."""
    product, user = quote(product_id, safe=""), quote(user_id, safe="")
    return URL(f"{origin}/users/{product}/{user}/live-activity?limit={limit}", encoded=True)


async def ask(http: aiohttp.ClientSession, url: URL, *, now: float, left_out: LeftOut) -> ActionsPayload:
    """Send one request.

    Args:
        http: has the key and a time-out. It must not decompress: a small answer could become huge.
        url: the URL of one user's activity.
        now: epoch seconds.
        left_out: called with the problem of each action that could not be read.

    Raises:
        SourceRefused: HTTP 401 or 403.
        Throttled, UnknownUser, NotAnswered: a later request may succeed.
        MalformedEvent: the answer is too large, not JSON, or has no actions.
    """
    try:
        # A redirect could send the key to another server.
        async with http.get(url, allow_redirects=False) as response:
            _require_answer(response, now)
            body = await _read(response)
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as problem:
        # Only the type, because the text may contain the URL with the user's id.
        raise NotAnswered(f"There is no answer ({type(problem).__name__}).") from None
    return _payload(body, left_out)


def _require_answer(response: aiohttp.ClientResponse, now: float) -> None:
    status = response.status
    if status in (401, 403):
        raise SourceRefused(
            f"{response.url.origin()} answers HTTP {status}.",
            remedy="Check live_activity.key in credentials.yml: the key is unknown, has expired, or belongs "
            "to another product.",
        )
    if status == 404:
        raise UnknownUser("The upstream answers HTTP 404.")
    if status in (429, 503):
        wait_s = _retry_after_s(response.headers.get("Retry-After", ""), now)
        raise Throttled(f"The upstream answers HTTP {status}.", wait_s)
    if status != 200:
        raise NotAnswered(f"The upstream answers HTTP {status}.")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise MalformedEvent("the answer is compressed, although the request forbids that")


def _retry_after_s(value: str, now: float) -> float:
    """The wait of a ``Retry-After`` header, which is seconds or a date (RFC 9110, 10.2.3); 0 if invalid."""
    try:
        wait_s = float(value) if value.strip().isdigit() else parsedate_to_datetime(value).timestamp() - now
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return min(max(wait_s, 0.0), LONGEST_RETRY_AFTER_S)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise MalformedEvent(f"the answer is larger than {MAX_ANSWER_BYTES} bytes")
    return bytes(body)


def _payload(body: bytes, left_out: LeftOut) -> ActionsPayload:
    answer = decode_json(body)
    if not isinstance(answer, dict) or not isinstance(answer.get("actions"), list):
        raise MalformedEvent('the answer is not {"actions": […]}')
    return ActionsPayload.from_dict(answer, left_out)
