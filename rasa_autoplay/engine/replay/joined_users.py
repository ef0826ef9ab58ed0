"""Which sessions and users of a recording belong together, because users shared a session.

What the engine decides for one group does not depend on the others, so each group can be replayed by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

__all__ = ["JoinedUsers", "divided"]


class JoinedUsers:
    """Groups of sessions and users (union-find)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def add(self, session_id: str, user_id: str | None) -> None:
        """Record that a user was seen in a session; None for an anonymous visitor."""
        if user_id:
            self._parent[self._find(f"s{session_id}")] = self._find(f"u{user_id}")

    def add_all(self, pairs: Iterable[tuple[str, str | None]]) -> JoinedUsers:
        """Record who was seen in which sessions; returns these groups."""
        for session_id, user_id in pairs:
            self.add(session_id, user_id)
        return self

    def of_session(self, session_id: str) -> str:
        """Return the name of a session's group; it depends on the order in which users were added."""
        return self._find(f"s{session_id}")

    def _find(self, name: str) -> str:
        root = name
        while (parent := self._parent.setdefault(root, root)) != root:
            root = parent
        while name != root:
            self._parent[name], name = root, self._parent[name]
        return root


def divided(sizes: Mapping[str, int], number: int) -> dict[str, int]:
    """Divide groups among processes, so that all have about the same to do; return the process of each group.

    Args:
        sizes: how much there is to do for each group, such as its events.
        number: the number of processes.
    """
    loads = Counter(dict.fromkeys(range(number), 0))
    chosen: dict[str, int] = {}
    for group in sorted(sizes, key=lambda group: (-sizes[group], group)):
        lightest = min(loads, key=lambda process: (loads[process], process))
        chosen[group] = lightest
        loads[lightest] += sizes[group]
    return chosen
