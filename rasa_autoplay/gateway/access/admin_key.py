"""Checks the operators' admin key, and limits how often it can be guessed."""

from __future__ import annotations

from collections.abc import Callable

from sanic import Request

from rasa_autoplay.common.http.guesser import guesser_of
from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.common.http.request_body import BadRequest
from rasa_autoplay.settings.secret import Secret

__all__ = ["AdminKey"]

#: Limit of wrong keys from one address; up to ten may arrive at once.
_WRONG_PER_MINUTE = 60.0


_WHERE = "The key is admin_key in credentials.yml, and `rasa-autoplay studio` opens a new link."


class AdminKey:
    """Accepts requests that carry the admin key.

    After too many wrong keys, all requests from that address are refused for a while, even those with the
    right key; otherwise the guessing could continue. This machine's own address is no exception. Requests
    that a proxy forwards are counted separately from those of programs on this machine, so that a stranger
    behind the proxy cannot lock these programs out.

    Args:
        key: the admin key; if it is empty, the operators' routes are closed.
        clock: monotonic seconds.
    """

    def __init__(self, key: Secret, clock: Callable[[], float]) -> None:
        self._key = key
        self._wrong = RateLimit(_WRONG_PER_MINUTE, clock)

    @property
    def refused(self) -> int:
        """How many requests were refused because of too many wrong keys."""
        return self._wrong.refused

    @property
    def is_set(self) -> bool:
        """Whether a key is configured; without one, the operators' routes are closed."""
        return bool(self._key)

    def check(self, request: Request) -> None:
        """Check a request's key.

        Raises:
            BadRequest: 404 if no key is configured, 401 if the key is wrong, 429 after too many wrong keys.
        """
        self.check_configured()
        scheme, _, presented = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not presented.strip():
            raise self.missing()
        self.check_guess(request, self._key.matches(presented.strip()))

    def check_configured(self) -> None:
        """Check that there is a key.

        Raises:
            BadRequest: 404 if no key is configured.
        """
        if not self._key:
            raise BadRequest(
                "the operators' routes are closed",
                remedy="Set admin_key under rasa_autoplay.channel.AutoplayInput in credentials.yml.",
                status=404,
            )

    def matches(self, presented: str) -> bool:
        """Compare with a presented key, which the caller passes to :meth:`check_guess`."""
        return self._key.matches(presented)

    def check_guess(self, request: Request, is_right: bool, refusal: str = "") -> None:
        """Count a wrong key or ticket, and refuse it.

        Args:
            request: presents the key or the ticket.
            is_right: whether it is right.
            refusal: the error's text; empty for that of :meth:`missing`.

        Raises:
            BadRequest: 401 if it is wrong, 429 after too many wrong ones, even for a right one.
        """
        sender = guesser_of(request)
        if wait_s := self._wrong.wait_s(sender):
            raise BadRequest(
                "too many wrong admin keys came from this address", status=429, retry_after_s=wait_s
            )
        if not is_right:
            raise BadRequest(refusal, remedy=_WHERE, status=401) if refusal else self.missing()
        self._wrong.give_back(sender)

    @staticmethod
    def missing() -> BadRequest:
        """The refusal of a request without a valid key."""
        return BadRequest(
            "the admin key is missing or wrong",
            remedy='Send "Authorization: Bearer …" with the admin_key of credentials.yml.',
            status=401,
        )
