"""Checks the key of the team's own servers, and limits how often it can be guessed."""

from __future__ import annotations

from collections.abc import Callable

from sanic import Request

from rasa_autoplay.common.http.guesser import guesser_of
from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.common.http.request_body import BadRequest
from rasa_autoplay.settings.secret import Secret

__all__ = ["ServerKey"]

#: Limit of wrong keys from one address; up to ten may arrive at once.
_WRONG_PER_MINUTE = 60.0


class ServerKey:
    """Accepts requests that carry the server key.

    After too many wrong keys, all requests from that address are refused for a while, even those with the
    right key; otherwise the guessing could continue.

    Args:
        key: the server key; if it is empty, its routes are closed.
        clock: monotonic seconds.
    """

    def __init__(self, key: Secret, clock: Callable[[], float]) -> None:
        self._key = key
        self._wrong = RateLimit(_WRONG_PER_MINUTE, clock)

    @property
    def refused(self) -> int:
        """How many requests were refused because of too many wrong keys."""
        return self._wrong.refused

    def check(self, request: Request) -> None:
        """Check a request's key.

        Raises:
            BadRequest: 404 if no key is configured, 401 if the key is wrong, 429 after too many wrong keys.
        """
        if not self._key:
            raise BadRequest(
                "this route is closed",
                remedy="Set server_key under rasa_autoplay.channel.AutoplayInput in credentials.yml.",
                status=404,
            )
        sender = guesser_of(request)
        if wait_s := self._wrong.wait_s(sender):
            raise BadRequest(
                "too many wrong server keys came from this address", status=429, retry_after_s=wait_s
            )
        # Only from the header: a key in a URL would be in the logs of proxies.
        scheme, _, presented = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._key.matches(presented.strip()):
            raise BadRequest(
                "the server key is missing or wrong",
                remedy='Send "Authorization: Bearer …" with the server_key of credentials.yml.',
                status=401,
            )
        self._wrong.give_back(sender)
