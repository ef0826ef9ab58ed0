"""Plans which user is polled next: active users often, idle users rarely."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from itertools import count

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.events.models import SlimAction

__all__ = ["PollPlan"]

#: How long users who have left are remembered, because feeds often break and reconnect.
_REMEMBERED_S = 600.0
_MAX_REMEMBERED = 10_000
_IDLE_FACTOR = 1.5
_FAILURE_FACTOR = 2.0


class _PolledUser:
    """A user's polling interval, and the actions that are already known."""

    __slots__ = ("due_at", "interval_s", "left_at", "seen")

    def __init__(self, now: float, interval_s: float, memory: int) -> None:
        self.interval_s = interval_s
        self.due_at = now
        self.left_at: float | None = None
        self.seen: BoundedDict[int, None] = BoundedDict(memory)


class PollPlan:
    """Decides which user is due. It does no I/O; all times are seconds of the same clock.

    Args:
        min_interval_s: the interval for a user who acts.
        max_interval_s: the longest interval, for idle users and after failures.
        memory: how many actions of each user are remembered.
    """

    def __init__(self, min_interval_s: float, max_interval_s: float, memory: int) -> None:
        self._min_interval_s = min_interval_s
        self._max_interval_s = max_interval_s
        self._memory = memory
        self._users: dict[str, _PolledUser] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._numbers = count()
        self._present = 0

    def __len__(self) -> int:
        """The number of present users."""
        return self._present

    def update(self, present: Collection[str], now: float) -> None:
        """Set the users who are present now; new users are due at once."""
        self._present = len(present)
        for user_id in present:
            user = self._users.get(user_id)
            if user is None:
                user = self._users[user_id] = _PolledUser(now, self._min_interval_s, self._memory)
                self._push(user_id, now)
            elif user.left_at is not None:
                user.left_at = None
                self._push(user_id, max(now, user.due_at))
        for user_id in [user_id for user_id in self._users if user_id not in present]:
            self._leave(user_id, now)
        if len(self._heap) > 64 + 2 * len(self._users):
            due = [(user.due_at, user_id) for user_id, user in self._users.items() if user.left_at is None]
            self._heap = [(at, next(self._numbers), user_id) for at, user_id in due]
            heapq.heapify(self._heap)

    def forget(self, user_id: str) -> None:
        """Forget a user."""
        user = self._users.pop(user_id, None)
        if user is not None and user.left_at is None:
            self._present -= 1

    def _leave(self, user_id: str, now: float) -> None:
        user = self._users[user_id]
        if user.left_at is None:
            user.left_at = now
        if user.left_at < now - _REMEMBERED_S or len(self._users) > self._present + _MAX_REMEMBERED:
            del self._users[user_id]

    def _push(self, user_id: str, due_at: float) -> None:
        self._users[user_id].due_at = due_at
        heapq.heappush(self._heap, (due_at, next(self._numbers), user_id))

    def pop_due(self, now: float) -> str | None:
        """Remove and return the user who has been due the longest; None if no user is due."""
        while self._heap and self._heap[0][0] <= now:
            due_at, _, user_id = heapq.heappop(self._heap)
            user = self._users.get(user_id)
            # A user who left and came back is in the heap twice.
            if user is not None and user.left_at is None and user.due_at == due_at:
                user.due_at = float("inf")
                return user_id
        return None

    def next_due_at(self) -> float | None:
        """The earliest time at which a user may be due; None if there is no user."""
        return self._heap[0][0] if self._heap else None

    def record_answer(self, user_id: str, *, new_actions: int, now: float) -> None:
        """Schedule the next poll after an answer: soon if it had new actions, otherwise later than before."""
        longer = min(self._interval_of(user_id) * _IDLE_FACTOR, self._max_interval_s)
        self._schedule(user_id, self._min_interval_s if new_actions else longer, now)

    def record_failure(self, user_id: str, now: float) -> None:
        """Schedule the next poll after a failure, with a longer interval."""
        longer = self._interval_of(user_id) * _FAILURE_FACTOR
        self._schedule(user_id, min(longer, self._max_interval_s), now)

    def _interval_of(self, user_id: str) -> float:
        user = self._users.get(user_id)
        return user.interval_s if user else self._min_interval_s

    def _schedule(self, user_id: str, interval_s: float, now: float) -> None:
        user = self._users.get(user_id)
        if user is None:
            return  # the user left long ago
        user.interval_s = interval_s
        if user.left_at is None:
            self._push(user_id, now + interval_s)
        else:
            user.due_at = now + interval_s

    def unseen(self, user_id: str, actions: Sequence[SlimAction]) -> dict[int, SlimAction]:
        """The actions that no earlier answer contained, by the hashes that :meth:`mark_seen` expects."""
        user = self._users.get(user_id)
        seen: Collection[int] = user.seen if user else ()
        hashed = ((_hash_of(action), action) for action in actions)
        return {key: action for key, action in hashed if key not in seen}

    def mark_seen(self, user_id: str, hashes: Iterable[int]) -> None:
        """Remember actions as seen."""
        user = self._users.get(user_id)
        if user is not None:
            user.seen.update(dict.fromkeys(hashes))


def _hash_of(action: SlimAction) -> int:
    """Identify an action by a hash; Python keys it with a secret, so that nobody can cause collisions."""
    return hash(
        (
            action.session_id,
            action.index,
            action.type,
            action.title,
            action.canonical_url or action.raw_url,
            action.timestamp_start,
            action.timestamp_end,
        )
    )
