"""Moments in memory as a share of a recording."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rasa_autoplay.engine.replay.joined_users import JoinedUsers
from rasa_autoplay.engine.replay.moment import Moment, NumberedMoment
from rasa_autoplay.engine.replay.results import SessionStory
from rasa_autoplay.engine.replay.simulation import stories_of
from rasa_autoplay.engine.sessions.session import SessionKey

__all__ = ["MomentsInMemory"]


@dataclass(frozen=True)
class MomentsInMemory:
    """Some of a recording's moments.

    Args:
        numbers: their numbers in the whole recording, in order.
        moments: the moments, in order of time.
    """

    numbers: Sequence[int]
    moments: Sequence[Moment]

    def __len__(self) -> int:
        return len(self.moments)

    def __iter__(self) -> Iterator[NumberedMoment]:
        for number, (at, payload, source) in zip(self.numbers, self.moments, strict=True):
            yield number, at, payload, source

    def by_users(self) -> Iterator[Sequence[NumberedMoment]]:
        """Yield the moments of users who shared a session together, ordered by time and number."""
        pairs = dict.fromkeys((payload.session_id or "", payload.user_id) for _, payload, _ in self.moments)
        joined = JoinedUsers().add_all(pairs)
        groups: defaultdict[str, list[NumberedMoment]] = defaultdict(list)
        for moment in self:
            groups[joined.of_session(moment[2].session_id or "")].append(moment)
        yield from groups.values()

    def stories(self) -> dict[SessionKey, SessionStory]:
        """Return the sessions with at least one action, in order of their first moment."""
        return stories_of(self.moments)

    def keep_signals(self, _signals: Mapping[int, str]) -> None:
        """Do nothing: the actions have the signals already."""
