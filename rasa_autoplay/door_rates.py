"""How often may a user, or an address, ask the door?"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from rasa_autoplay.bodies import BadRequest
from rasa_autoplay.rate_limit import RateLimit
from rasa_autoplay.settings.channel import DoorLimits

__all__ = ["DoorRates"]


class DoorRates:
    """The bounds of all routes together.

    Args:
        limits: of ``credentials.yml``.
        clock: seconds that never run backwards.
    """

    def __init__(self, limits: DoorLimits, clock: Callable[[], float]) -> None:
        self._users = RateLimit(limits.user_per_minute, clock)
        self._addresses = RateLimit(limits.address_per_minute, clock)

    def check_user(self, user_id: str) -> None:
        """Count a request that speaks for a user.

        Raises:
            BadRequest: 429, there were too many.
        """
        if user_id:
            _check(self._users, user_id, "this user")

    def check_address(self, address: str) -> None:
        """Count a request from an address; behind a proxy, Sanic must be told of it to know the client's.

        Raises:
            BadRequest: 429, there were too many.
        """
        if not _is_here(address):
            _check(self._addresses, address, "this address")

    def health(self) -> dict[str, int]:
        """How many requests were refused."""
        return {"of_users": self._users.refused, "of_addresses": self._addresses.refused}


def _check(limit: RateLimit, key: str, who: str) -> None:
    wait_s = limit.wait_s(key)
    if wait_s:
        raise BadRequest(f"{who} asks too often", status=429, retry_after_s=wait_s)


def _is_here(address: str) -> bool:
    """A proxy on this machine speaks for everybody."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return True  # a socket of the file system, which no stranger reaches
