"""Does this request come from our page? The project key that posthog-js is initialised with."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.base import LatestProblem

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

    def check(self, presented: str) -> None:
        """Let a request in.

        Args:
            presented: the key that it carries; empty when it carries none.

        Raises:
            WrongProjectKey: it is not the expected one.
        """
        is_personal = presented.startswith(PERSONAL_PREFIX)
        is_wrong = bool(self._expected) and presented != self._expected
        if is_personal:
            self._problem.note(_PERSONAL)
        elif is_wrong:
            self._problem.note(_WRONG)
        if is_wrong:
            self.refused += 1
            raise WrongProjectKey("the project key is not this project's", remedy=self._problem.remedy())

    def remedy(self) -> str:
        """What to do about the keys that came of late; empty when they were right."""
        return self._problem.remedy()
