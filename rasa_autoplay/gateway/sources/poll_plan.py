"""Whom to ask next: users who are here, often while they act, seldom while they do not."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from itertools import count

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.events.models import SlimAction

__all__ = ["PollPlan"]

#: What is known of a user who has left is kept this long: feeds break and are made again.
_KEPT_S = 600.0
_MAX_KEPT = 10_000
_SLOWER = 1.5
_SLOWER_AFTER_FAILURE = 2.0


class _Watched:
    """A user, how often to ask for them, and what they are known to have done."""

    __slots__ = ("due_at", "interval_s", "left_at", "seen")

    def __init__(self, now: float, interval_s: float, memory: int) -> None:
        self.interval_s = interval_s
        self.due_at = now
        self.left_at: float | None = None
        self.seen: BoundedDict[int, None] = BoundedDict(memory)


class PollPlan:
    """Decides who is due. It does no I/O; times are seconds of one clock, whichever.

    Args:
        min_interval_s: between two questions for a user who acts.
        max_interval_s: between two questions for one who does not; failures may double it up to here too.
        memory: how many actions of each user are remembered as seen.
    """

    def __init__(self, min_interval_s: float, max_interval_s: float, memory: int) -> None:
        self._min_interval_s = min_interval_s
        self._max_interval_s = max_interval_s
        self._memory = memory
        self._users: dict[str, _Watched] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._numbers = count()
        self._here = 0

    def __len__(self) -> int:
        """How many users are here."""
        return self._here

    def update(self, present: Collection[str], now: float) -> None:
        """Say who is here now; a newcomer is due at once."""
        self._here = len(present)
        for user_id in present:
            user = self._users.get(user_id)
            if user is None:
                user = self._users[user_id] = _Watched(now, self._min_interval_s, self._memory)
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

    def _leave(self, user_id: str, now: float) -> None:
        user = self._users[user_id]
        if user.left_at is None:
            user.left_at = now
        if user.left_at < now - _KEPT_S or len(self._users) > self._here + _MAX_KEPT:
            del self._users[user_id]

    def _push(self, user_id: str, due_at: float) -> None:
        self._users[user_id].due_at = due_at
        heapq.heappush(self._heap, (due_at, next(self._numbers), user_id))

    def pop_due(self, now: float) -> str | None:
        """The user who has been due for longest; None when nobody is."""
        while self._heap and self._heap[0][0] <= now:
            due_at, _, user_id = heapq.heappop(self._heap)
            user = self._users.get(user_id)
            # A user who left and came back stands in the heap twice.
            if user is not None and user.left_at is None and user.due_at == due_at:
                user.due_at = float("inf")
                return user_id
        return None

    def next_due_at(self) -> float | None:
        """When somebody may be due; None when nobody will."""
        return self._heap[0][0] if self._heap else None

    def answered(self, user_id: str, *, news: int, now: float) -> None:
        """A question was answered, with so many actions that were new."""
        slower = min(self._interval_of(user_id) * _SLOWER, self._max_interval_s)
        self._again(user_id, self._min_interval_s if news else slower, now)

    def failed(self, user_id: str, now: float) -> None:
        """A question was not answered: the next one for this user waits for longer."""
        slower = self._interval_of(user_id) * _SLOWER_AFTER_FAILURE
        self._again(user_id, min(slower, self._max_interval_s), now)

    def _interval_of(self, user_id: str) -> float:
        user = self._users.get(user_id)
        return user.interval_s if user else self._min_interval_s

    def _again(self, user_id: str, interval_s: float, now: float) -> None:
        user = self._users.get(user_id)
        if user is None:
            return  # left long ago
        user.interval_s = interval_s
        if user.left_at is None:
            self._push(user_id, now + interval_s)
        else:
            user.due_at = now + interval_s

    def unseen(self, user_id: str, actions: Sequence[SlimAction]) -> dict[int, SlimAction]:
        """Those of an answer's actions that no earlier answer had, by names to remember them by."""
        user = self._users.get(user_id)
        seen: Collection[int] = user.seen if user else ()
        named = ((_name(action), action) for action in actions)
        return {name: action for name, action in named if name not in seen}

    def saw(self, user_id: str, names: Iterable[int]) -> None:
        """Remember actions as seen."""
        user = self._users.get(user_id)
        if user is not None:
            user.seen.update(dict.fromkeys(names))


def _name(action: SlimAction) -> int:
    """A hash instead of the texts: Python keys it with a secret, so that nobody can make two collide."""
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
