"""Holds the events of users of whom it is not known yet whether they have given consent, in memory only."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rasa_autoplay.link.messages import Event, weight_of

__all__ = ["HeldEvent", "HeldEvents"]

#: For a batch, the weight is 1 plus 1 for each action.
MAX_WEIGHT = 20_000
#: One user cannot use up the room of the others.
MAX_WEIGHT_OF_USER = 500
#: An engine that restarts is back by then.
MAX_AGE_S = 30.0


class HeldEvent(NamedTuple):
    """An event that waits.

    Args:
        event: the event.
        until: when it is dropped, monotonic seconds.
        deliver: delivers the part that may be kept.
        drop: called if nothing of it may be kept.
    """

    event: Event
    until: float
    deliver: Callable[[Event], object]
    drop: Callable[[Event], object]


class HeldEvents:
    """The held events of each user, in order. If there is no room, the new event is dropped.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_user: dict[str, list[HeldEvent]] = {}
        self._weight = 0

    def __len__(self) -> int:
        return sum(map(len, self._by_user.values()))

    def put(
        self,
        user_id: str,
        event: Event,
        deliver: Callable[[Event], object],
        drop: Callable[[Event], object],
    ) -> bool:
        """Hold an event; return False if there is no room."""
        held = self._by_user.get(user_id, [])
        weight = weight_of(event)
        of_user = sum(weight_of(each.event) for each in held)
        if self._weight + weight > MAX_WEIGHT or of_user + weight > MAX_WEIGHT_OF_USER:
            return False
        held.append(HeldEvent(event, self._clock() + MAX_AGE_S, deliver, drop))
        self._by_user[user_id] = held
        self._weight += weight
        return True

    def pop(self, user_id: str) -> list[HeldEvent]:
        """Remove and return a user's events, in order."""
        held = self._by_user.pop(user_id, [])
        self._weight -= sum(weight_of(each.event) for each in held)
        return held

    def pop_expired(self) -> list[HeldEvent]:
        """Remove and return the events that have waited for too long."""
        now = self._clock()
        expired: list[HeldEvent] = []
        for user_id, held in list(self._by_user.items()):
            old = [each for each in held if each.until <= now]
            if old:
                expired += old
                self._by_user[user_id] = [each for each in held if each.until > now]
                if not self._by_user[user_id]:
                    del self._by_user[user_id]
        self._weight -= sum(weight_of(each.event) for each in expired)
        return expired

    def users(self) -> list[str]:
        """Return the users whose events wait."""
        return list(self._by_user)
