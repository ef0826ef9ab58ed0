"""Measures how soon a feed's first byte arrives: a proxy that buffers holds it back."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from rasa_autoplay.common.identity.user_tokens import mint_token, signing_method
from rasa_autoplay.gateway.sightings import DOCTOR_USER
from rasa_autoplay.tools.doctor.project import Project
from rasa_autoplay.tools.no_redirects import NoRedirects

__all__ = ["FeedTiming", "time_feed"]

#: As long as autoplay.js waits before it asks for offers by short requests.
_PATIENCE_S = 10.0
_TOKEN_S = 60.0
#: A feed of one second shows whether the server answers at all: a proxy delivers it when it has ended.
_SHORT = "&wait=1"


@dataclass(frozen=True)
class FeedTiming:
    """When the first bytes of two feeds came.

    Attributes:
        stream_s: seconds until the first byte of a stream; None if none came in ten seconds.
        short_s: the same of a feed that ends after a second; None too if it was not asked for.
        is_compressed: whether the stream arrived compressed.
        refusal: the status with which the server refused the feed; 0 if it did not.
    """

    stream_s: float | None = None
    short_s: float | None = None
    is_compressed: bool = False
    refusal: int = 0


def time_feed(base: str, project: Project) -> FeedTiming:
    """Open a feed like a browser, and close it again.

    Args:
        base: the address of the copilot's routes, with a final slash.
        project: has the key that signs users' tokens, if the server wants one.
    """
    url = f"{base}proactive/stream?user_id={DOCTOR_USER}&receipts=1"
    headers = {"Accept-Encoding": "gzip", **_authorization(project)}
    try:
        stream_s, is_compressed = _first_byte(url, headers)
        short_s = None if stream_s is not None else _first_byte(url + _SHORT, headers)[0]
    except urllib.error.HTTPError as refusal:
        with refusal:
            return FeedTiming(refusal=refusal.code)
    return FeedTiming(stream_s, short_s, is_compressed)


def _authorization(project: Project) -> dict[str, str]:
    keys = project.channel.get("jwt_key")
    first = keys[0] if isinstance(keys, list) and keys else keys
    key = project.expanded(str(first or ""))
    if not key or signing_method(key) != "HS256":
        return {}
    return {"Authorization": f"Bearer {mint_token(DOCTOR_USER, key, expires_in_s=_TOKEN_S)}"}


def _first_byte(url: str, headers: dict[str, str]) -> tuple[float | None, bool]:
    """Return the seconds until the first byte, None if none came, and whether the answer is compressed."""
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the caller has checked the scheme
    opener = urllib.request.build_opener(NoRedirects)
    asked_at = time.monotonic()
    try:
        with opener.open(request, timeout=_PATIENCE_S) as answer:
            is_compressed = bool(answer.headers.get("Content-Encoding"))
            has_come = bool(answer.read(1))
    except urllib.error.HTTPError:
        raise
    except (OSError, http.client.HTTPException):
        return None, False
    return (time.monotonic() - asked_at if has_come else None), is_compressed
