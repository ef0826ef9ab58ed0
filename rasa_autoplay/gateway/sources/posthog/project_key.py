"""Does this request come from our page? The project key that posthog-js is initialised with."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.gateway.sources.base import LatestProblem
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, CapturedRequest, identifier

__all__ = ["PERSONAL_PREFIX", "ProjectKeyGuard", "WrongProjectKey"]

#: How PostHog's personal API keys begin: they are secrets, and open the whole account.
PERSONAL_PREFIX = "phx_"

_PERSONAL = (
    "events come with a personal key (phx_…), which is a secret and must not stand on a page: revoke it in "
    "PostHog, and initialise posthog-js with the project key (phc_…)."
)
_WRONG = (
    "requests come with another project key, or none: posthog-js must be initialised with the key that "
    "credentials.yml has as capture.project_key."
)


class WrongProjectKey(MalformedEvent):
    """The request is not for this project; answered with 401."""


class ProjectKeyGuard:
    """Compares keys, and remembers for health what was wrong with them lately.

    A project key stands on the page for all to read. It keeps out stray pages and mistakes, not attackers.

    Args:
        expected: the only key that is let in; empty lets in any.
        clock: epoch seconds.
    """

    def __init__(self, expected: str, clock: Callable[[], float]) -> None:
        self._expected = expected
        self._problem = LatestProblem(clock)
        self.refused = 0

    def check(self, request: CapturedRequest) -> None:
        """Let a request in.

        Where each of its events carries a key of its own, those with a wrong one are left out.

        Args:
            request: what was captured; its events are changed.

        Raises:
            WrongProjectKey: its key, or that of all its events, is not the expected one.
        """
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
        """What to do about the keys that came of late; empty when they were right."""
        return self._problem.remedy()


def _token_of(event: CapturedEvent) -> str:
    return identifier(event.properties.get("token"))
