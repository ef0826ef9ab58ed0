"""Checks the project key with which a page initialises posthog-js."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.gateway.sources.base import LatestProblem
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, CapturedRequest, identifier

__all__ = ["PERSONAL_PREFIX", "ProjectKeyGuard", "WrongProjectKey"]

#: The prefix of PostHog's personal API keys, which are secrets and give access to the whole account.
PERSONAL_PREFIX = "phx_"

_PERSONAL = (
    "events arrive with a personal key (phx_…), which is a secret and must not be on a page. Revoke it in "
    "PostHog, and initialise posthog-js with the project key (phc_…)."
)
_WRONG = (
    "requests arrive with another project key, or none. Initialise posthog-js with the key that "
    "credentials.yml has as capture.project_key."
)


class WrongProjectKey(MalformedEvent):
    """The request is for another project; answered with 401."""


class ProjectKeyGuard:
    """Compares keys, and remembers the latest problem for health.

    A project key is public, because the page contains it. It stops mistakes, not attackers.

    Args:
        expected: the only accepted key; empty for any key.
        clock: epoch seconds.
    """

    def __init__(self, expected: str, clock: Callable[[], float]) -> None:
        self._expected = expected
        self._problem = LatestProblem(clock)
        self.refused = 0
        #: Requests without any key.
        self.keyless = 0

    def check(self, request: CapturedRequest) -> None:
        """Check a request's key.

        If the events carry keys of their own, events with a wrong key are removed.

        Args:
            request: the captured request; its events are changed.

        Raises:
            WrongProjectKey: the request's key, or the key of each event, is not the expected one.
        """
        if request.events and not request.api_key and not any(map(_token_of, request.events)):
            self.keyless += 1
        if request.api_key or not request.events:
            good, is_refused = request.events, not self._is_right(request.api_key)
        else:
            good = [event for event in request.events if self._is_right(_token_of(event))]
            is_refused = not good
        if is_refused:
            self.refused += 1
            raise WrongProjectKey("the project key is not this project's", remedy=self._problem.remedy())
        request.malformed += len(request.events) - len(good)
        request.events = good

    def _is_right(self, presented: str) -> bool:
        is_wrong = bool(self._expected) and presented != self._expected
        if presented.startswith(PERSONAL_PREFIX):
            self._problem.record(_PERSONAL)
        elif is_wrong:
            self._problem.record(_WRONG)
        return not is_wrong

    def remedy(self) -> str:
        """What to do about recent wrong keys; empty if there were none."""
        return self._problem.remedy()


def _token_of(event: CapturedEvent) -> str:
    return identifier(event.properties.get("token"))
