"""Remembers for a while what the engine has said about the consent of users.

The ids of users are not kept, only hashes that no other process can compute.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from rasa_autoplay.common.bounded_dict import BoundedDict

__all__ = ["NEVER", "KnownConsents"]

#: When consent was given that was not given: every event is earlier.
NEVER = math.inf
_MAX_USERS = 100_000
#: How long an answer counts, so that a change is noticed whose announcement got lost.
_FRESH_S = 60.0


class KnownConsents:
    """When users gave consent.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        #: By the hash of a user's id: when consent was given, and until when the answer counts.
        self._known: BoundedDict[int, tuple[float, float]] = BoundedDict(_MAX_USERS)
        #: Users of whom the last answer said that they have given consent.
        self.given = 0

    def since(self, user_id: str) -> float | None:
        """Return when a user gave consent, epoch seconds; ``NEVER`` if they did not; None if that is unknown.

        A consent continues to count while it is checked again. A missing consent becomes unknown, so that
        its user's events wait for the next answer.
        """
        known = self._known.get(hash(user_id))
        if known is None or (known[0] == NEVER and known[1] < self._clock()):
            return None
        return known[0]

    def is_old(self, user_id: str) -> bool:
        """Whether the engine should be asked again."""
        known = self._known.get(hash(user_id))
        return known is None or known[1] < self._clock()

    def learn(self, user_id: str, since: float) -> bool:
        """Remember an answer; return whether it differs from the last one."""
        key = hash(user_id)
        former = self._known.get(key, (None, 0.0))[0]
        self._known[key] = since, self._clock() + _FRESH_S
        self.given += (since != NEVER) - (former not in (None, NEVER))
        return former != since
