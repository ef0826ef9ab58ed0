"""Keeps the open decisions of the users whose decisions are read; most users have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.engine.goals.goal_check import OpenGoal

__all__ = ["DecisionsByUser"]


class DecisionsByUser:
    """The open decisions by user id. At the limit it forgets users, who are then read again.

    Users without a decision are in a set, which takes a fifth of a dict's memory. With 100,000 live users
    that is 16 MB.

    Args:
        max_users: the limit, for users with decisions and for users without one.
    """

    def __init__(self, max_users: int) -> None:
        self._max_users = max_users
        self._open: BoundedDict[str, Sequence[OpenGoal]] = BoundedDict(max_users)
        self._without: set[str] = set()

    def __len__(self) -> int:
        return len(self._open) + len(self._without)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the users who are read."""
        yield from self._open
        yield from self._without

    def get(self, user_id: str) -> Sequence[OpenGoal] | None:
        """Return the user's open decisions; None if they are not read."""
        return () if user_id in self._without else self._open.get(user_id)

    def set(self, user_id: str, decisions: Sequence[OpenGoal]) -> None:
        """Replace the user's open decisions; there may be none."""
        self.forget(user_id)
        if decisions:
            self._open[user_id] = decisions
            return
        if len(self._without) >= self._max_users:
            self._without.pop()
        self._without.add(user_id)

    def forget(self, user_id: str) -> None:
        """Forget the user."""
        self._open.pop(user_id, None)
        self._without.discard(user_id)
