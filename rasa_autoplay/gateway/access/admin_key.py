"""The operators' key: who has it, and how often may it be guessed?"""

from __future__ import annotations

from collections.abc import Callable

from sanic import Request

from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.common.http.request_body import BadRequest
from rasa_autoplay.common.http.responses import address_of
from rasa_autoplay.settings.secret import Secret

__all__ = ["AdminKey"]

#: Wrong keys of one address; ten of them may come at once.
_WRONG_PER_MINUTE = 60.0
#: One of these shows that a proxy forwards the request.
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


class AdminKey:
    """Lets in requests that show the key.

    After too many wrong keys, an address is refused for a while whatever it shows, or it could go on
    guessing. This machine's own address is no exception. Requests that a proxy forwards are counted apart
    from those of programs on this machine, so that a stranger behind the proxy cannot lock these out.

    Args:
        key: of ``credentials.yml``; the routes are closed when it is empty.
        clock: seconds that never run backwards.
    """

    def __init__(self, key: Secret, clock: Callable[[], float]) -> None:
        self._key = key
        self._wrong = RateLimit(_WRONG_PER_MINUTE, clock)

    @property
    def refused(self) -> int:
        """How many requests came after too many wrong keys."""
        return self._wrong.refused

    def check(self, request: Request) -> None:
        """Let the request go on.

        Raises:
            BadRequest: 404 without a key in ``credentials.yml``, 401 for a wrong one, 429 after too many.
        """
        if not self._key:
            raise BadRequest(
                "the operators' routes are closed",
                remedy="Set admin_key under rasa_autoplay.channel.AutoplayInput in credentials.yml.",
                status=404,
            )
        scheme, _, presented = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not presented.strip():
            raise _wrong_key()
        sender = _sender_of(request)
        if wait_s := self._wrong.wait_s(sender):
            raise BadRequest(
                "too many wrong admin keys came from this address", status=429, retry_after_s=wait_s
            )
        if not self._key.matches(presented.strip()):
            raise _wrong_key()
        self._wrong.give_back(sender)


def _sender_of(request: Request) -> str:
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return f"{'forwarded by ' if is_forwarded else ''}{address_of(request)}"


def _wrong_key() -> BadRequest:
    return BadRequest(
        "the admin key is missing or wrong",
        remedy='Send "Authorization: Bearer …" with the admin_key of credentials.yml.',
        status=401,
    )
