"""How does a route treat requests that it cannot take now?

posthog-js (1.449.2, ``retry-queue.ts``) sends again after network errors and 5xx: up to ten times, and no
sooner than ``Retry-After`` says. After a 4xx it drops the events for ever.
"""

from __future__ import annotations

from typing import NamedTuple

from rasa_autoplay.common.http.request_body import BadRequest

__all__ = ["BROWSERS", "CAPTURE", "SIGNED", "RoutePolicy"]

#: Refusals that say nothing against the request itself: too often, and a body that came too slowly.
_TEMPORARY = (429, 408)
_RETRY_AFTER_S = 5.0


class RoutePolicy(NamedTuple):
    """What holds for all requests of a route.

    Args:
        limits_addresses: whether the rate limit of addresses holds before anything is read.
        comes_again: whether a temporary refusal is 503, after which the sender sends the same again.
    """

    limits_addresses: bool = True
    comes_again: bool = False

    def refusal(self, problem: BadRequest) -> tuple[int, float | None]:
        """The answer's status, and after how many seconds to try again (None for no such word)."""
        if self.comes_again and problem.status in _TEMPORARY:
            return 503, problem.retry_after_s or _RETRY_AFTER_S
        return problem.status, problem.retry_after_s


#: Browsers, and whoever else may come.
BROWSERS = RoutePolicy()
#: posthog-js. It loses the events of every refusal that is not 503.
CAPTURE = RoutePolicy(comes_again=True)
#: Servers with a secret. Only those who do not know it are limited, by the handler.
SIGNED = RoutePolicy(limits_addresses=False, comes_again=True)
