"""Rate limits of the routes: how often a user or an address may ask, and how many events each may send."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable, Collection
from hashlib import blake2b
from typing import NamedTuple

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.common.http.request_body import BadRequest
from rasa_autoplay.settings.rate_limits import RateLimitSettings

__all__ = ["RateLimited", "RequestLimits", "Sender", "is_here", "sender_of"]

#: How many analytics sessions are remembered; a forgotten session counts as new again.
_MAX_KNOWN_SESSIONS = 100_000
#: Hides addresses in the senders' keys, which the engine and the journal receive.
_SALT = secrets.token_bytes(16)


class RateLimited(BadRequest):
    """A rate limit is reached: 429, unless the route uses another status.

    Args:
        who: the limited party, for the message: "this user" or "this address".
        wait_s: seconds until the request can be accepted.
    """

    def __init__(self, who: str, wait_s: float) -> None:
        super().__init__(f"too many requests from {who}", status=429, retry_after_s=wait_s)


class Sender(NamedTuple):
    """The party whose limits a capture request counts against.

    Args:
        kind: ``user`` (verified), ``address``, or if neither is known, ``session`` (of analytics).
        name: its id.
    """

    kind: str
    name: str

    @property
    def key(self) -> str:
        """A text that identifies the sender; it does not reveal an address."""
        if self.kind == "address":
            return f"address:{blake2b(self.name.encode(), digest_size=8, key=_SALT).hexdigest()}"
        return f"{self.kind}:{self.name}"


def sender_of(user_id: str, address: str, session_id: str) -> Sender:
    """The sender of a capture request.

    Args:
        user_id: the verified user; empty without one.
        address: the client's address. This machine's own address is a proxy's, which everybody shares.
        session_id: the first analytics session that the request names.
    """
    if user_id:
        return Sender("user", user_id)
    return Sender("session", session_id) if is_here(address) else Sender("address", address)


class RequestLimits:
    """The rate limits of all routes.

    Args:
        limits: the settings of ``credentials.yml``.
        clock: monotonic seconds.
    """

    def __init__(self, limits: RateLimitSettings, clock: Callable[[], float]) -> None:
        self._users = RateLimit(limits.user_per_minute, clock)
        self._addresses = RateLimit(limits.address_per_minute, clock)
        self._user_events = RateLimit(limits.user_events_per_minute, clock)
        self._address_events = RateLimit(limits.address_events_per_minute, clock)
        self._user_sessions = RateLimit(limits.user_sessions_per_minute, clock)
        self._address_sessions = RateLimit(limits.address_sessions_per_minute, clock)
        #: Hashes of session ids.
        self._known_sessions: BoundedDict[int, None] = BoundedDict(_MAX_KNOWN_SESSIONS)
        self._refused_strangers = 0

    def check_user(self, user_id: str) -> None:
        """Count a request that speaks for a user.

        Raises:
            RateLimited: the user has made too many requests.
        """
        if user_id:
            _check(self._users, user_id, "this user")

    def check_address(self, address: str, is_verified: Callable[[], bool] = lambda: False) -> None:
        """Count a request from an address.

        Requests with a valid token are always accepted, so users who share an address do not limit each
        other. Behind a proxy, Sanic must be configured to know the client's address.

        Args:
            address: the client's address.
            is_verified: whether the request has a valid token; called only when the limit is reached.

        Raises:
            RateLimited: the address has made too many requests.
        """
        if is_here(address):
            return
        wait_s = self._addresses.wait_s(address)
        if wait_s and not is_verified():
            self._refused_strangers += 1
            raise RateLimited("this address", wait_s)

    def check_events(self, sender: Sender, events: int, sessions: Collection[str]) -> None:
        """Count the events and new sessions of one capture request.

        Args:
            sender: the party that they count against.
            events: the number of events.
            sessions: the analytics sessions that the request names.

        Raises:
            RateLimited: the sender has sent too many events or new sessions; the request may be sent again.
            BadRequest: 413, the request alone names more new sessions than the limit allows.
        """
        is_address = sender.kind == "address"
        who = "this address" if is_address else "this user"
        self._check_sessions(
            sender, who, self._address_sessions if is_address else self._user_sessions, sessions
        )
        if events:
            _check(self._address_events if is_address else self._user_events, sender.key, who, events)

    def _check_sessions(self, sender: Sender, who: str, limit: RateLimit, sessions: Collection[str]) -> None:
        known = self._known_sessions
        hashes = set(map(hash, sessions))
        new = len(hashes - known.keys())
        if new > limit.burst:
            raise BadRequest(f"one request from {who} names {new} new sessions", status=413)
        if new:
            _check(limit, sender.key, who, new)
        known.update(dict.fromkeys(hashes))

    def health(self) -> dict[str, int]:
        """The number of refused requests, by the limit that was reached."""
        return {
            "by_user": self._users.refused,
            "by_address": self._refused_strangers,
            "by_events": self._user_events.refused + self._address_events.refused,
            "by_new_sessions": self._user_sessions.refused + self._address_sessions.refused,
        }


def _check(limit: RateLimit, key: str, who: str, cost: int = 1) -> None:
    wait_s = limit.wait_s(key, cost)
    if wait_s:
        raise RateLimited(who, wait_s)


def is_here(address: str) -> bool:
    """Whether an address is this machine's own: that of a proxy, which everybody shares."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return True  # a Unix domain socket, which strangers cannot reach
