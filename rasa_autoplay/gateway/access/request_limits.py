"""How often may a user, or an address, ask the gateway, and how much may each send?"""

from __future__ import annotations

import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from hashlib import blake2b
from typing import NamedTuple

from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.common.http.request_body import BadRequest
from rasa_autoplay.settings.channel import RateLimitSettings

__all__ = ["RateLimited", "RequestLimits", "Sender", "is_here", "sender_of"]

#: Analytics sessions that are remembered as known. One that is forgotten counts as new once more.
_MAX_KNOWN_SESSIONS = 100_000


#: Keys of senders travel to the engine, and stand in the journal.
_SALT = secrets.token_bytes(16)


class RateLimited(BadRequest):
    """A rate limit is reached: 429, where the route has no other status for it.

    Args:
        who: for the message.
        wait_s: after so many seconds the request can be taken.
    """

    def __init__(self, who: str, wait_s: float) -> None:
        super().__init__(f"{who} asks too often", status=429, retry_after_s=wait_s)


class Sender(NamedTuple):
    """Who is answerable for a capture request.

    Args:
        kind: a verified user, an address, or where neither is known, an analytics session.
        name: its id.
    """

    kind: str
    name: str

    @property
    def key(self) -> str:
        """One text for both, that no other sender has. An address cannot be read out of it."""
        if self.kind == "address":
            return f"address:{blake2b(self.name.encode(), digest_size=8, key=_SALT).hexdigest()}"
        return f"{self.kind}:{self.name}"


def sender_of(user_id: str, address: str, session_id: str) -> Sender:
    """Who answers for a request.

    Args:
        user_id: the verified user; empty without one.
        address: where the request comes from. This machine's own is a proxy's, which speaks for everybody.
        session_id: the first analytics session that the request names.
    """
    if user_id:
        return Sender("user", user_id)
    return Sender("session", session_id) if is_here(address) else Sender("address", address)


class RequestLimits:
    """The rate limits of all routes.

    Args:
        limits: of ``credentials.yml``.
        clock: seconds that never run backwards.
    """

    def __init__(self, limits: RateLimitSettings, clock: Callable[[], float]) -> None:
        self._users = RateLimit(limits.user_per_minute, clock)
        self._addresses = RateLimit(limits.address_per_minute, clock)
        self._user_events = RateLimit(limits.user_events_per_minute, clock)
        self._address_events = RateLimit(limits.address_events_per_minute, clock)
        self._user_sessions = RateLimit(limits.user_sessions_per_minute, clock)
        self._address_sessions = RateLimit(limits.address_sessions_per_minute, clock)
        #: Hashes of their ids, the most recent last.
        self._known_sessions: OrderedDict[int, None] = OrderedDict()
        self._refused_strangers = 0

    def check_user(self, user_id: str) -> None:
        """Count a request that speaks for a user.

        Raises:
            TooOften: there were too many.
        """
        if user_id:
            _check(self._users, user_id, "this user")

    def check_address(self, address: str, is_verified: Callable[[], bool] = lambda: False) -> None:
        """Count a request from an address.

        Users who share an address are not limited by it: a request with a good token is let in. Behind a
        proxy, Sanic must be told of the proxy, so that it knows the client's address.

        Args:
            address: where the request comes from.
            is_verified: whether the request has a good token; asked only when the limit is reached.

        Raises:
            TooOften: there were too many.
        """
        if is_here(address):
            return
        wait_s = self._addresses.wait_s(address)
        if wait_s and not is_verified():
            self._refused_strangers += 1
            raise RateLimited("this address", wait_s)

    def check_events(self, sender: Sender, events: int, sessions: Collection[str]) -> None:
        """Count what one capture request holds.

        Args:
            sender: who answers for it.
            events: how many it holds.
            sessions: the analytics sessions that it names.

        Raises:
            TooOften: there were too many events, or new sessions; the request may come again.
            BadRequest: 413, one request names more new sessions than may come at once.
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
            raise BadRequest(f"one request of {who} names {new} new sessions", status=413)
        if new:
            _check(limit, sender.key, who, new)
        for each in hashes:
            known[each] = None
            known.move_to_end(each)
        while len(known) > _MAX_KNOWN_SESSIONS:
            known.popitem(last=False)

    def health(self) -> dict[str, int]:
        """How many requests were refused, by the limit that was reached."""
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
    """A proxy on this machine speaks for everybody."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return True  # a socket of the file system, which no stranger reaches
