"""How a route refuses requests that it cannot accept now.

posthog-js (1.449.2, ``retry-queue.ts``) retries after network errors and 5xx: up to ten times, and no sooner
than ``Retry-After`` says. After a 4xx it drops the events for good.
"""

from __future__ import annotations

from typing import NamedTuple

from rasa_autoplay.common.http.request_body import BadRequest

__all__ = ["BROWSERS", "CAPTURE", "SERVERS", "SIGNED", "RoutePolicy"]

#: Statuses of requests that can succeed later: rate limited (429), and a body that arrived too slowly (408).
_TEMPORARY = (429, 408)
_RETRY_AFTER_S = 5.0


class RoutePolicy(NamedTuple):
    """What applies to all requests of a route.

    Args:
        limits_addresses: whether the rate limit of addresses is checked before the request is read.
        asks_for_retry: whether a temporary refusal is 503, so that the sender retries.
    """

    limits_addresses: bool = True
    asks_for_retry: bool = False

    def refusal(self, problem: BadRequest) -> tuple[int, float | None]:
        """The answer's status, and the seconds of its ``Retry-After`` (None for no such header)."""
        if self.asks_for_retry and problem.status in _TEMPORARY:
            return 503, problem.retry_after_s or _RETRY_AFTER_S
        return problem.status, problem.retry_after_s


#: Browsers, and everybody else.
BROWSERS = RoutePolicy()
#: posthog-js. It loses the events of a request that is refused with any 4xx.
CAPTURE = RoutePolicy(asks_for_retry=True)
#: Servers that know a secret. The handler limits the addresses of those that do not.
SIGNED = RoutePolicy(limits_addresses=False, asks_for_retry=True)
#: The team's own servers. The handler limits the addresses of those that do not know the key.
SERVERS = RoutePolicy(limits_addresses=False)
